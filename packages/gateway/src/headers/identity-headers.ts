/** Who asks, in headers for the upstream: the claims of a token that was found good. */
import type { AccessToken } from '@tessera/verifier';

/** Names with values, of all headers that are configured; empty text where the token has no such claim. */
export type WriteIdentity = (accessToken: AccessToken) => readonly (readonly [name: string, value: string])[];

/** @param headers names, each with the claim it holds */
export function createIdentityWriter(headers: Readonly<Record<string, string>>): WriteIdentity {
  const wanted = Object.entries(headers);
  // A token that the verifier remembers is the same, unchangeable object each time.
  const written = new WeakMap<AccessToken, ReturnType<WriteIdentity>>();
  return (accessToken) => {
    let lines = written.get(accessToken);
    if (lines === undefined) {
      lines = wanted.map(([name, claim]) => [name, textOf(valueOf(accessToken, claim))] as const);
      written.set(accessToken, lines);
    }
    return lines;
  };
}

function valueOf(accessToken: AccessToken, claim: string): unknown {
  switch (claim) {
    case 'sub':
      return accessToken.sub;
    case 'client_id':
      return accessToken.clientId;
    case 'scope':
      return accessToken.scopes;
    case 'kind':
      return accessToken.kind;
    default:
      return Object.hasOwn(accessToken.claims, claim) ? accessToken.claims[claim] : undefined;
  }
}

/** Printable ASCII only: everything else, and the escape's own sign, is percent-encoded. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return PLAIN.test(value) ? value : escaped(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value))
    return value
      .filter((one) => typeof one === 'string')
      .map(textOf)
      .join(' ');
  return '';
}

const PLAIN = /^[\x20-\x24\x26-\x7e]*$/;

function escaped(value: string): string {
  return value
    .toWellFormed()
    .replaceAll(/[^\x20-\x24\x26-\x7e]/gu, (character) => encodeURIComponent(character));
}
