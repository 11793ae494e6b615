/**
 * Software statements: signed claims of a third party about a client. This server trusts no such party, so there is
 * nothing to take from one; and to pass one over in silence would let the client believe that it counted.
 * @spec RFC 7591 §2.3, §3.2.2
 */
import { OAuthError } from '../oauth-error.ts';

const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** @throws OAuthError `invalid_software_statement`, `unapproved_software_statement` */
export function refuseSoftwareStatement(statement: unknown): void {
  if (statement === undefined || statement === null) return;
  if (typeof statement !== 'string' || !COMPACT_JWS.test(statement) || !isSigned(statement)) {
    throw new OAuthError('invalid_software_statement', 'The software_statement is not a signed JWT');
  }
  throw new OAuthError(
    'unapproved_software_statement',
    'This server takes software statements from nobody; register without one',
  );
}

function isSigned(statement: string): boolean {
  try {
    const header: unknown = JSON.parse(
      Buffer.from(statement.split('.', 1)[0] ?? '', 'base64url').toString('utf8'),
    );
    if (typeof header !== 'object' || header === null || !('alg' in header)) return false;
    return typeof header.alg === 'string' && header.alg.toLowerCase() !== 'none';
  } catch {
    return false;
  }
}
