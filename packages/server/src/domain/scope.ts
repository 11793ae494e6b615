/** The scopes of OpenID Connect Core §5.4 and §11; they belong to the issuer, not to an API. */
export const OPENID_SCOPES: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'openid', description: 'Know who you are, by an identifier' },
  { name: 'profile', description: 'See your name and your profile' },
  { name: 'email', description: 'See your email address' },
  { name: 'phone', description: 'See your phone number' },
  { name: 'address', description: 'See your postal address' },
  { name: 'offline_access', description: 'Stay connected while you are away' },
];

const OPENID_SCOPE_NAMES: ReadonlySet<string> = new Set(OPENID_SCOPES.map((scope) => scope.name));

export function isOpenidScope(name: string): boolean {
  return OPENID_SCOPE_NAMES.has(name);
}

/** The characters of one scope name (RFC 6749 §3.3). */
export const SCOPE_TOKEN_PATTERN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
