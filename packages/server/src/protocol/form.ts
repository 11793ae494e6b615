/**
 * The parameters of a request, read the way OAuth asks: one value each, an empty value is an absent one.
 * @spec RFC 6749 §3.1 and §3.2
 */
import { OAuthError } from './oauth-error.ts';

/** Longest value of one parameter, in characters; nothing the protocol needs comes near it. */
const MAX_PARAMETER_LENGTH = 16_384;

export class Form {
  readonly #raw: Readonly<Record<string, unknown>>;

  /** @param raw what a form or query parser gives: an object in which repeated names are arrays; anything else is empty */
  constructor(raw: unknown) {
    this.#raw = typeof raw === 'object' && raw !== null ? (raw as Readonly<Record<string, unknown>>) : {};
  }

  /** @throws OAuthError `invalid_request` when the parameter is repeated or too long */
  get(name: string): string | undefined {
    if (!Object.hasOwn(this.#raw, name)) return undefined;
    const value = this.#raw[name];
    if (value === '') return undefined;
    if (typeof value === 'string' && value.length <= MAX_PARAMETER_LENGTH) return value;
    throw new OAuthError(
      'invalid_request',
      typeof value === 'string' ? `The parameter ${name} is too long` : `The parameter ${name} is repeated`,
    );
  }

  /** @throws OAuthError `invalid_request` when the parameter is absent, repeated or too long */
  require(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw new OAuthError('invalid_request', `The parameter ${name} is missing`);
    return value;
  }

  /** Every value of a parameter that may be repeated (RFC 8707 `resource`). */
  all(name: string): readonly string[] {
    if (!Object.hasOwn(this.#raw, name)) return [];
    const value = this.#raw[name];
    const values = Array.isArray(value) ? value : [value];
    return values.filter((item): item is string => typeof item === 'string' && item !== '');
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#raw, name) && this.#raw[name] !== '';
  }

  /** The names that are sent more than once. */
  repeated(): readonly string[] {
    return Object.keys(this.#raw).filter((name) => Array.isArray(this.#raw[name]));
  }
}
