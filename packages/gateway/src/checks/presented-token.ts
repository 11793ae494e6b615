/**
 * Where a route looks for the token: the Authorization header, or the header it is configured with, and then nowhere
 * else.
 * @spec RFC 6750 §2.1; RFC 9110 §5.3
 */
import { type PresentedRequest, TokenError } from '@tessera/verifier';

/** @returns the request as the verifier reads it. @throws TokenError */
export type PresentToken = (request: PresentedRequest) => PresentedRequest;

/** @param header undefined: Authorization @param prefix what stands before the token; empty: nothing */
export function createTokenReader(header: string | undefined, prefix = 'Bearer'): PresentToken {
  if (header === undefined) return (request) => request;
  const name = header.toLowerCase();
  const start = prefix === '' ? '' : `${prefix.toLowerCase()} `;
  return (request) => {
    const values = valuesOf(request.rawHeaders ?? [], name);
    const [value, second] = values;
    if (value === undefined || value === '') return { ...request, headers: others(request), rawHeaders: [] };
    if (second !== undefined) throw new TokenError('several_tokens');
    if (value.slice(0, start.length).toLowerCase() !== start) {
      throw new TokenError(
        'malformed_request',
        `The token header is not of its form: ${prefix}, one space, token`,
      );
    }
    const token = value.slice(start.length);
    // What the verifier would take for credentials of its own header is no token in this one.
    if (!/^[A-Za-z0-9._~+/-]+=*$/.test(token)) {
      throw new TokenError('malformed_request', 'The token header does not hold one token');
    }
    return { ...request, headers: { ...others(request), authorization: `Bearer ${token}` }, rawHeaders: [] };
  };
}

function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}

function others({ headers }: PresentedRequest): Record<string, string | readonly string[] | undefined> {
  const { authorization: _, ...rest } = headers as Record<string, string | readonly string[] | undefined>;
  return rest;
}

/** The token of a request that was found good. */
export function tokenOf({ headers }: PresentedRequest): string {
  const { authorization } = headers as Readonly<Record<string, string | undefined>>;
  return authorization?.slice(authorization.indexOf(' ') + 1) ?? '';
}
