/** What every kind of token string looks like, for those who look for leaked ones: by a pattern, then by the checksum. */
import { parseTokenString, tokenKinds, tokenStringPattern } from './token-string.ts';
import type { TokenKind } from './token-string.ts';

export interface TokenPattern {
  readonly kind: TokenKind;
  readonly name: string;
  /** A regular expression for one token of the kind, without anchors. */
  readonly pattern: string;
  /** Whether whoever finds it holds something that should be nobody else's. */
  readonly secret: boolean;
  /** Whether the server ends it when it is reported as leaked. */
  readonly reportable: boolean;
}

type Fate = 'reportable' | 'not reportable' | 'public';

const KINDS: Readonly<Record<TokenKind, readonly [name: string, fate: Fate]>> = {
  at: ['access token', 'reportable'],
  rt: ['refresh token', 'reportable'],
  ac: ['authorization code', 'not reportable'],
  pat: ['personal access token', 'reportable'],
  ct: ['client token', 'public'],
  cs: ['client secret', 'reportable'],
  dc: ['device code', 'not reportable'],
  ru: ['request URI', 'not reportable'],
  rat: ['registration access token', 'reportable'],
  se: ['session', 'not reportable'],
  ia: ['initial access token', 'not reportable'],
  ml: ['mail link', 'not reportable'],
};

/** Every kind, in the order of `tokenKinds`. */
export const tokenPatterns: readonly TokenPattern[] = tokenKinds.map((kind) => {
  const [name, fate] = KINDS[kind];
  return {
    kind,
    name,
    pattern: tokenStringPattern.replace(tokenKinds.join('|'), kind).replace(`(?:${kind})`, kind),
    secret: fate !== 'public',
    reportable: fate === 'reportable',
  };
});

/** @returns what people call tokens of the kind */
export function tokenKindName(kind: TokenKind): string {
  return KINDS[kind][0];
}

export interface SeenToken {
  /** Where it begins in the text. */
  readonly index: number;
  readonly token: string;
  readonly kind: TokenKind;
  /** False: a character is missing, or another one; it was never issued like this. */
  readonly intact: boolean;
}

const KIND_BY_NAME: ReadonlyMap<string, TokenKind> = new Map(tokenKinds.map((kind) => [kind, kind]));

/** Finds the token strings in a text, those that are altered included; asks nobody. */
export function findTokenStrings(text: string): readonly SeenToken[] {
  // More characters of the alphabet on either side make it another thing.
  const pattern = new RegExp(`(?<![0-9A-Za-z])${tokenStringPattern}(?![0-9A-Za-z])`, 'g');
  return [...text.matchAll(pattern)].flatMap(({ 0: token, index }) => {
    const kind = KIND_BY_NAME.get(token.split('_', 2)[1] ?? '');
    return kind === undefined ? [] : [{ index, token, kind, intact: parseTokenString(token) !== undefined }];
  });
}
