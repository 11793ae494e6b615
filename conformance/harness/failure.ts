// How a check says no. Anything else that is thrown is a mistake of the harness or of the hooks.

/** What the server did is not what the standard asks for. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
}

/** Thrown by `createClient` of the hooks when the server refuses the metadata. */
export class RegistrationRefused extends Error {
  override readonly name = 'RegistrationRefused';
}

export function ensure(condition: boolean, what: string): asserts condition {
  if (!condition) throw new CheckFailure(what);
}

export function ensureEqual(actual: unknown, expected: unknown, what: string): void {
  ensure(
    Object.is(actual, expected) || JSON.stringify(actual) === JSON.stringify(expected),
    `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`,
  );
}

export function ensureOneOf(actual: unknown, allowed: readonly unknown[], what: string): void {
  ensure(
    allowed.includes(actual),
    `${what}: expected ${allowed.map((one) => JSON.stringify(one)).join(' or ')}, got ${JSON.stringify(actual)}`,
  );
}

export function ensureMatch(actual: unknown, pattern: RegExp, what: string): void {
  ensure(
    typeof actual === 'string' && pattern.test(actual),
    `${what}: expected ${String(pattern)}, got ${JSON.stringify(actual)}`,
  );
}

/** The value as text, or a failure. */
export function text(value: unknown, what: string): string {
  ensure(typeof value === 'string' && value !== '', `${what} is missing`);
  return value;
}
