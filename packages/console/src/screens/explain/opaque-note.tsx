/** An opaque token has nothing in it to read; this says so, and how to ask for one that has. */
import { ISSUER } from '../../shell/address.ts';

const KINDS: Readonly<Record<string, string>> = {
  at: 'an access token',
  rt: 'a refresh token',
  ac: 'an authorization code',
  pat: 'a personal access token',
  ct: 'a client token',
  cs: 'a client secret',
  dc: 'a device code',
  ru: 'a request URI',
  rat: 'a registration access token',
  se: 'a session',
  ia: 'an initial access token',
  ml: 'a mail link',
};

export function OpaqueNote({ kind, api }: { readonly kind: string; readonly api: string }) {
  return (
    <div className="flow">
      <p>
        <strong>This is not broken, it is opaque.</strong> It is {KINDS[kind] ?? 'a token'} of Tessera, its
        checksum holds, and what it permits stands at the server, not in it. An API asks the server
        (introspection), and you can ask below.
      </p>
      {kind === 'at' && (
        <>
          <p>
            If you need one that can be read, name the API it is for. Your request, with the one line added:
          </p>
          <figure className="code">
            <figcaption className="small muted">Ask for a token that can be decoded</figcaption>
            <pre tabIndex={0}>
              <code>
                {'curl -u YOUR_APP:YOUR_SECRET \\\n  -d grant_type=client_credentials \\\n'}
                <ins>{`  -d resource=${api} \\`}</ins>
                {`\n  ${ISSUER}/api/token`}
              </code>
            </pre>
          </figure>
        </>
      )}
    </div>
  );
}
