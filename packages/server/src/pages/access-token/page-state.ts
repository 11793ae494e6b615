/** What the page remembers between two clicks: it travels in the forms, because the server keeps no token. */
import type { ActionName, HeldToken } from './actions.ts';
import type { Exchange } from './exchange.ts';

export interface PageState {
  /** The token from **Get a token**. */
  readonly token?: HeldToken;
  /** The token that lives 30 seconds. */
  readonly shortToken?: HeldToken;
  /** What stood in the text field when the API was called. */
  readonly typed?: string;
  /** What was done last, and what came of it. */
  readonly last?: { readonly action: ActionName; readonly exchange: Exchange };
}

/** The hidden fields that carry the tokens on. */
export function carriedFields({ token, shortToken }: PageState): Record<string, string | undefined> {
  return { got: token && write(token), short: shortToken && write(shortToken) };
}

/** The tokens that a form carried; what is not of our form is none. */
export function readCarried(
  form: Readonly<Record<string, unknown>>,
): Pick<PageState, 'token' | 'shortToken'> {
  const token = read(form['got']);
  const shortToken = read(form['short']);
  return { ...(token && { token }), ...(shortToken && { shortToken }) };
}

function write({ value, issuedAt, lifetimeSeconds, revoked }: HeldToken): string {
  return `${issuedAt} ${lifetimeSeconds} ${revoked ? 'revoked' : 'held'} ${value}`;
}

function read(field: unknown): HeldToken | undefined {
  if (typeof field !== 'string') return undefined;
  const [, issuedAt, lifetimeSeconds, state, value] =
    /^(\d{1,15}) (\d{1,9}) (held|revoked) ([\x21-\x7e]{1,8000})$/.exec(field) ?? [];
  if (value === undefined) return undefined;
  return {
    value,
    issuedAt: Number(issuedAt),
    lifetimeSeconds: Number(lifetimeSeconds),
    revoked: state === 'revoked',
  };
}
