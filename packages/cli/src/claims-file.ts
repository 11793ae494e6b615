/** Claims of a Common Access Token, from a file (JSON or YAML), and from options on top of it. */
import { CatError, catClaimsFromJson, type JsonValue } from '@tessera/tokens/cat';
import type { CborMap } from '@tessera/tokens/cbor';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';
import { argumentOrInput, textOfFile } from './standard-input.ts';

type Claims = Readonly<Record<string, JsonValue>>;

/** @param path undefined: none */
export async function claimsFromFile(path: string | undefined): Promise<Claims> {
  if (path === undefined) return {};
  const text = path === '-' ? await argumentOrInput('-') : textOfFile(path);
  const { parse } = await import('yaml');
  let read: unknown;
  try {
    // JSON is YAML.
    read = parse(text);
  } catch (error) {
    throw new CommandError(EXIT.usage, `${nameOf(path)} is neither JSON nor YAML.`, { cause: error });
  }
  if (isClaims(read)) return read;
  throw new CommandError(EXIT.usage, `${nameOf(path)} does not hold an object of claims.`);
}

/** `name=value`, the value as YAML; in several. */
export async function claimsFromOptions(given: readonly string[]): Promise<Claims> {
  if (given.length === 0) return {};
  const { parse } = await import('yaml');
  const entries = given.map((one): [string, JsonValue] => {
    const equals = one.indexOf('=');
    if (equals < 1) throw new CommandError(EXIT.usage, `--claim ${one} is not of the form name=value.`);
    const value: unknown = parse(one.slice(equals + 1));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- YAML gives what JSON gives, and the claim is read next
    return [one.slice(0, equals), value as JsonValue];
  });
  return Object.fromEntries(entries);
}

/** @throws CommandError 2, with the claim named */
export function toClaims(claims: Claims): CborMap {
  try {
    return catClaimsFromJson(claims);
  } catch (error) {
    if (error instanceof CatError) throw new CommandError(EXIT.usage, catMessage(error), { cause: error });
    throw error;
  }
}

/** What is wrong, with the claim. */
export function catMessage({ message, claim }: CatError): string {
  return claim === undefined ? `${message}.` : `${message}: ${claim}.`;
}

function isClaims(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(path: string): string {
  return path === '-' ? 'Standard input' : path;
}
