/** Would an API take this token? Every check with what was expected and what was got, those after a failure too. */
import { catDialects, recognizeDialect } from '../cat/index.ts';
import { type Check, failed, passed, skipped } from './check.ts';
import type { TokenExpectations } from './expectations.ts';
import { explainCommonAccessToken } from './explain-cat.ts';
import { explainSigned } from './explain-signed.ts';
import { readToken } from './read-token.ts';

export interface TokenExplanation {
  readonly format: 'opaque' | 'jwt' | 'cwt' | 'cat' | 'unknown';
  /** In the order in which an API makes them. */
  readonly checks: readonly Check[];
}

const NAMES = {
  opaque: 'an opaque token',
  jwt: 'a JWT',
  cwt: 'a CWT',
  cat: 'a Common Access Token (CAT)',
} as const;
const ANY_FORMAT = 'a Tessera token, a JWT, a CWT or a Common Access Token';

/** Nothing is sent anywhere, but for what `findKey` asks. */
export async function explainToken(
  token: string,
  expectations: TokenExpectations,
): Promise<TokenExplanation> {
  const read = readToken(token);
  if (read === undefined) return { format: 'unknown', checks: [formlessCheck(token)] };
  const { format } = read;
  const form = passed('form', { expected: ANY_FORMAT, got: NAMES[format] });
  if (read.format === 'opaque') return { format, checks: explainOpaque(read.kind, form) };
  if (read.format === 'cat') {
    return { format, checks: [form, ...(await explainCommonAccessToken(token, read, expectations))] };
  }
  return { format, checks: [form, ...(await explainSigned(token, read, expectations))] };
}

const KINDS = {
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
} as const;

function explainOpaque(kind: keyof typeof KINDS, form: Check): readonly Check[] {
  const seen = { expected: 'an access token, or a personal one', got: KINDS[kind] };
  // APIs take both in the same header.
  if (kind === 'at' || kind === 'pat')
    return [form, passed('kind', seen), skipped('known', 'it is opaque: only its server knows more')];
  const fix =
    kind === 'rt'
      ? 'Send the refresh token to the token endpoint only, and the access_token of its answer to APIs.'
      : 'Send the access_token of the answer of the token endpoint.';
  return [form, failed('kind', { ...seen, fix })];
}

/** What it is that was pasted, as far as its looks tell. */
function formlessCheck(token: string): Check {
  const seen = { expected: ANY_FORMAT };
  if (/^(?:bearer|dpop)\s/i.test(token)) {
    return failed('form', { ...seen, got: 'a whole header', fix: 'Leave out what stands before the token.' });
  }
  if (/\s/.test(token)) {
    return failed('form', {
      ...seen,
      got: 'white space in it',
      fix: 'A token is one word: a line break was copied along.',
    });
  }
  if (token.startsWith('tsr_')) {
    const got = 'a Tessera token whose checksum does not hold';
    return failed('form', { ...seen, got, fix: 'It is cut off or mistyped: copy it again, whole.' });
  }
  const dialect = recognizeDialect(token);
  if (dialect !== undefined && dialect !== 'jwt') {
    const got = `a dialect of the Common Access Token. ${catDialects[dialect]}`;
    return failed('form', { ...seen, got, fix: 'Have its maker follow CTA-5007.' });
  }
  const got = token === '' ? 'nothing' : `${token.length} characters that are none of them`;
  return failed('form', { ...seen, got, fix: 'It is cut off, changed, or no token: copy it again, whole.' });
}
