/** What a token is to be held to, from the options of a command. */
import type { VerificationKey } from '@tessera/tokens';
import type { TokenExpectations } from '@tessera/tokens/explain';
import { type Command, InvalidArgumentError } from 'commander';
import { collect } from './options.ts';
import type { Keys } from './reading-keys.ts';

export interface QuestionOptions {
  readonly issuer?: string;
  readonly audience?: string;
  readonly scope?: readonly string[];
  readonly url?: string;
  readonly method?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly ip?: string;
}

/** Adds what an API asks for, and what a request to it looks like. */
export function withQuestion(command: Command): Command {
  return command
    .option('--issuer <url>', 'the server whose tokens are good; the one you speak to unless given')
    .option('--audience <uri>', 'the identifier of the API')
    .option('--scope <scope>', 'a scope that it must have (repeatable)', collect)
    .option('--url <url>', 'of the request, for a Common Access Token')
    .option('--method <method>', 'of the request, for a Common Access Token')
    .option('--header <name: value>', 'of the request, for a Common Access Token (repeatable)', readHeader)
    .option('--ip <address>', 'where the request comes from, for a Common Access Token');
}

export function scopesOf({ scope = [] }: QuestionOptions): readonly string[] {
  return scope.flatMap((each) => each.split(' ').filter((name) => name !== ''));
}

/** @param findKey where the keys of the issuer come from, unless they were given */
export function expectationsOf(
  options: QuestionOptions,
  issuer: string | undefined,
  keys: Keys | undefined,
  findKey?: NonNullable<TokenExpectations['findKey']>,
): TokenExpectations {
  const { audience, url, method, header, ip } = options;
  const find = keys === undefined ? findKey : findAmong(keys.signature);
  return {
    nowMs: Date.now(),
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    scopes: scopesOf(options),
    ...(find !== undefined && { findKey: find }),
    ...(keys !== undefined && { catKeys: keys.cose }),
    request: { url, method, headers: header, ip },
  };
}

/** A key without a name may be the one that is meant. */
function findAmong(keys: readonly VerificationKey[]): NonNullable<TokenExpectations['findKey']> {
  return (kid, alg) =>
    keys.find((key) => key.alg === alg && (kid === undefined || key.kid === undefined || key.kid === kid));
}

function readHeader(
  value: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const colon = value.indexOf(':');
  if (colon < 1) throw new InvalidArgumentError('It must be of the form "name: value".');
  return { ...before, [value.slice(0, colon)]: value.slice(colon + 1).trim() };
}
