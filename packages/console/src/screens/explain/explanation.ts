/** What a pasted token says, whether it is genuine, and whether an API would take it: all in this page. */
import { type Check, explainToken, readToken, type ReadToken } from '@tessera/tokens/explain';
import { checkSignature, type PublicKey } from './verify-signature.ts';

export interface Question {
  readonly token: string;
  /** The issuer that is trusted, and its keys. */
  readonly issuer: string;
  readonly keys: readonly PublicKey[];
  /** The API, and what it asks for; empty: not checked. */
  readonly audience: string;
  readonly scopes: readonly string[];
}

export interface Explanation {
  readonly read: ReadToken | undefined;
  /** Is it what it seems, and of whom it seems? */
  readonly genuine: readonly Check[];
  /** Would an API take it? */
  readonly accepted: readonly Check[];
}

const GENUINE: ReadonlySet<string> = new Set([
  'form',
  'kind',
  'type',
  'algorithm',
  'issuer',
  'key',
  'signature',
  'known',
]);

export async function explainInPage({
  token,
  issuer,
  keys,
  audience,
  scopes,
}: Question): Promise<Explanation> {
  const { checks } = await explainToken(token, {
    nowMs: Date.now(),
    issuer,
    ...(audience !== '' && { audience }),
    ...(scopes.length > 0 && { scopes }),
  });
  const read = readToken(token);
  const signed =
    read !== undefined && (read.format === 'jwt' || read.format === 'cwt')
      ? await checkSignature(token, read, keys)
      : [];
  // The signature is the browser's to check: what the library could not say is replaced.
  const all = checks.map((check) => signed.find((each) => each.check === check.check) ?? check);
  return {
    read,
    genuine: all.filter(({ check }) => GENUINE.has(check)),
    accepted: all.filter(({ check }) => !GENUINE.has(check)),
  };
}
