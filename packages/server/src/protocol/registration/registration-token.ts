/** The bearer token of a request to the registration endpoints. @spec RFC 6750 §2.1 */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

export function bearerOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
}
