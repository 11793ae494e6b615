/** What a token of any format says, and every check that it passes or fails. For people; APIs use the verifier. */
export { failed, passed, skipped } from './check.ts';
export type { Check } from './check.ts';
export { explainToken } from './explain-token.ts';
export type { TokenExplanation } from './explain-token.ts';
export { explainKept } from './explain-claims.ts';
export type { TokenExpectations } from './expectations.ts';
export { readToken } from './read-token.ts';
export type { ReadCose, ReadJwt, ReadToken } from './read-token.ts';
