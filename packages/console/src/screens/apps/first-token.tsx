/** The command that gets an app its first token, filled in; and the same without a terminal, where the secret is at hand. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Client } from '../../api/described.ts';
import { useAsk } from '../../api/use-api.ts';
import { CodeBlock } from '../../parts/code-block.tsx';
import { SelectField } from '../../parts/field.tsx';
import { TokenTile, maskedToken } from '../../parts/token-tile.tsx';
import { ISSUER } from '../../shell/address.ts';
import { announce } from '../../shell/live-region.ts';

export interface FirstTokenProps {
  readonly app: Client;
  /** While it is known. */
  readonly secret?: string;
}

export function FirstToken({ app, secret }: FirstTokenProps) {
  const [resource, setResource] = useState('');
  const apis = useAsk('GET /admin/v1/resources', { query: { limit: 200 } });
  const named = (apis.data?.items ?? []).filter(({ identifier }) => identifier.startsWith('http'));
  const known = secret ?? 'YOUR_CLIENT_SECRET';
  const lines = [
    `curl -u '${app.client_id}:${known}' \\`,
    '  -d grant_type=client_credentials \\',
    ...(resource === '' ? [] : [`  -d resource=${resource} \\`]),
    `  ${ISSUER}/api/token`,
  ];
  return (
    <div className="flow">
      {named.length > 0 && (
        <div className="form">
          <SelectField
            label="For which API"
            value={resource}
            onChoice={setResource}
            choices={[
              { value: '', text: 'None named: the default API, or this server' },
              ...named.map(({ identifier, name }) => ({
                value: identifier,
                text: `${name} · ${identifier}`,
              })),
            ]}
          />
        </div>
      )}
      <CodeBlock caption="Get a token" code={lines.join('\n')} />
      {secret !== undefined && <RunIt clientId={app.client_id} secret={secret} resource={resource} />}
    </div>
  );
}

interface TokenAnswer {
  readonly access_token: string;
  readonly expires_in: number;
  readonly scope?: string;
}

function RunIt({
  clientId,
  secret,
  resource,
}: {
  readonly clientId: string;
  readonly secret: string;
  readonly resource: string;
}) {
  const run = useMutation<TokenAnswer>({
    mutationFn: () => requestToken(clientId, secret, resource),
    onSuccess: () => announce('The server issued a token'),
  });
  return (
    <>
      <button type="button" className="quiet" disabled={run.isPending} onClick={() => run.mutate()}>
        Run it here
      </button>
      {run.error !== null && (
        <p className="note" role="alert">
          {run.error.message}
        </p>
      )}
      {run.data !== undefined && (
        <>
          <TokenTile
            {...maskedToken(run.data.access_token)}
            state="live"
            left={1}
            facts={`good for ${run.data.expires_in} seconds`}
          />
          <CodeBlock caption="The answer" code={JSON.stringify(run.data, null, 2)} />
        </>
      )}
    </>
  );
}

/** As the curl above does; the token endpoint ignores cookies. */
async function requestToken(clientId: string, secret: string, resource: string): Promise<TokenAnswer> {
  const credentials = btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`);
  const answer = await fetch(`${ISSUER}/api/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(resource !== '' && { resource }) }),
    credentials: 'omit',
  });
  const body: unknown = await answer.json();
  if (answer.ok) return body as TokenAnswer;
  const { error = '', error_description: why = '' } = body as Readonly<Record<string, string>>;
  throw new Error(`${answer.status} ${error}: ${why}`);
}

/** Where a person has to sign in, the command line does the round trip through the browser. */
export function SignInCommand({ app }: { readonly app: Client }) {
  const [redirect = 'http://127.0.0.1/callback'] = app.redirect_uris;
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: app.client_id,
    redirect_uri: redirect,
    code_challenge: 'YOUR_CHALLENGE',
    code_challenge_method: 'S256',
    state: 'YOUR_STATE',
  });
  return (
    <CodeBlock
      caption="Send a person to sign in; the code comes back to the redirect URI"
      code={`${ISSUER}/authorize?${query.toString().replaceAll('&', '\n  &')}`}
    />
  );
}
