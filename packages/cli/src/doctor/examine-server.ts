/**
 * What can be seen of a server from outside: whether it is there, is who it says, publishes good keys, knows the time.
 *
 * @spec RFC 8414 §3.3, RFC 7517 §5
 */
import { hasPrivateMembers, importPublicJwk } from '@tessera/tokens';
import { CommandError } from '../command-error.ts';
import { readJson, sendRequest } from '../http.ts';
import { metadataUrl } from '../oauth-client.ts';
import { bad, type Finding, good } from './finding.ts';

/** `Date` counts whole seconds, and the answer takes a moment. */
const TOLERATED_SKEW_SECONDS = 5;

export async function examineServer(url: string): Promise<readonly Finding[]> {
  let response: Response;
  const asked = Date.now();
  try {
    response = await sendRequest(metadataUrl(url), {});
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [
      bad('server', `${url} does not answer`, 'Start it (`tessera start`), or name another with --server.'),
    ];
  }
  const metadata = Object(await readJson(response));
  if (response.status !== 200) {
    const fix = 'Is this the address of Tessera? A proxy must pass /.well-known on to it.';
    return [bad('server', `${url} answers ${response.status} where its metadata should be`, fix)];
  }
  return [
    good('server', `${url} answers`),
    issuerFinding(metadata.issuer, url),
    endpointFinding(metadata, url),
    await keyFinding(metadata.jwks_uri),
    clockFinding(response.headers.get('date'), (asked + Date.now()) / 2),
  ];
}

function issuerFinding(issuer: unknown, url: string): Finding {
  if (issuer === url) return good('issuer', 'the metadata name this very URL');
  const fix = 'Set TESSERA_ISSUER to the URL that clients use, or use the URL it names.';
  return bad('issuer', `the metadata name ${String(issuer)}, not ${url}: every client will refuse that`, fix);
}

const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'introspection_endpoint',
  'revocation_endpoint',
];

function endpointFinding(metadata: Readonly<Record<string, unknown>>, url: string): Finding {
  const astray = ENDPOINTS.filter((name) => {
    const value = metadata[name];
    return typeof value !== 'string' || !value.startsWith(`${url}/`);
  });
  if (astray.length === 0) return good('discovery', 'every endpoint is below the issuer');
  return bad(
    'discovery',
    `${astray.join(', ')}: missing, or not below the issuer`,
    'Set TESSERA_ISSUER to the public URL.',
  );
}

async function keyFinding(jwksUri: unknown): Promise<Finding> {
  const fix = 'Look at the log of the server; `tessera key list` shows what it thinks it publishes.';
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri))
    return bad('keys', 'the metadata name no key set', fix);
  let set: { keys?: unknown };
  try {
    set = Object(await readJson(await sendRequest(jwksUri, {})));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return bad('keys', `${jwksUri} does not answer`, fix);
  }
  const keys: readonly unknown[] = Array.isArray(set.keys) ? set.keys : [];
  if (keys.length === 0) return bad('keys', 'the key set is empty', fix);
  if (keys.some((key) => hasPrivateMembers(Object(key)))) {
    return bad(
      'keys',
      'the key set holds a private key',
      'Take the server off the net now and rotate every key.',
    );
  }
  const weak = keys.filter((key) => importPublicJwk(key) === undefined).length;
  if (weak > 0) return bad('keys', `${weak} of ${keys.length} keys cannot be used`, fix);
  const algs = [...new Set(keys.map((key) => String(Object(key).alg)))];
  return good('keys', `${keys.length} published, for ${algs.join(' and ')}`);
}

function clockFinding(date: string | null, now: number): Finding {
  const theirs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(theirs))
    return bad('clock', 'the server does not tell its time', 'A proxy must not remove the Date header.');
  const skewSeconds = Math.round((theirs - now) / 1000);
  if (Math.abs(skewSeconds) <= TOLERATED_SKEW_SECONDS) return good('clock', 'the same here and there');
  const detail = `the server is ${Math.abs(skewSeconds)} s ${skewSeconds > 0 ? 'ahead' : 'behind'}`;
  return bad(
    'clock',
    `${detail}: tokens will seem expired or not yet valid`,
    'Let both machines keep time by NTP.',
  );
}
