import type { TokenError } from '@tessera/verifier';

/** An answer that refuses: this API's error object is `{ "error": { "status", "message" } }`, whatever went wrong. */
export class ApiError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Why the token was not enough; the answer then carries the challenge that says what would be. */
  readonly tokenError: TokenError | undefined;

  constructor(
    status: number,
    message: string,
    {
      headers = {},
      tokenError,
    }: { headers?: Readonly<Record<string, string>>; tokenError?: TokenError } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.headers = headers;
    this.tokenError = tokenError;
  }
}

export function errorBody(status: number, message: string): { error: { status: number; message: string } } {
  return { error: { status, message } };
}

export const notFound = (what: string): ApiError => new ApiError(404, `${what} not found`);
export const badRequest = (message: string): ApiError => new ApiError(400, message);
