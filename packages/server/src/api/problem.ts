/**
 * The errors of the admin and account APIs: one closed table, and the object an answer carries.
 *
 * @spec RFC 9457 §3
 */
import { type Static, Type } from '../schema/type.ts';

/** Code → status and title. The code is also the anchor of the docs page that explains it. */
export const PROBLEMS = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_client_metadata: { status: 400, title: 'The client metadata are not valid' },
  invalid_redirect_uri: { status: 400, title: 'A redirect URI may not be registered' },
  invalid_cursor: { status: 400, title: 'The cursor is not one of this list' },
  factor_refused: { status: 400, title: 'The new factor did not prove itself' },
  enrolment_expired: { status: 400, title: 'The first step of adding a factor does not count any more' },
  missing_token: { status: 401, title: 'An access token is needed' },
  invalid_token: { status: 401, title: 'The access token is not valid' },
  not_signed_in: { status: 401, title: 'Nobody is signed in in this browser' },
  recent_sign_in_required: { status: 401, title: 'This asks for a sign-in of the last minutes' },
  cross_site: { status: 403, title: 'Only pages of this server may use its session' },
  insufficient_scope: { status: 403, title: 'The access token does not reach this far' },
  wrong_password: { status: 403, title: 'The current password is another one' },
  token_rules: { status: 403, title: 'The token rules of an organization do not allow this' },
  forbidden: { status: 403, title: 'Your role does not allow this' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'The path does not take this method' },
  already_exists: { status: 409, title: 'The name is taken' },
  last_admin: { status: 409, title: 'This is the last active administrator' },
  last_owner: { status: 409, title: 'This is the last owner of the organization' },
  built_in: { status: 409, title: 'Built in, and not to be changed' },
  personal_organization: { status: 409, title: 'A personal organization is for one person' },
  already_read: { status: 409, title: 'It is handed out once, and was' },
  too_many: { status: 409, title: 'There are as many as there may be' },
  already_ended: { status: 409, title: 'It has ended' },
  already_decided: { status: 409, title: 'It was decided before' },
  key_in_use: { status: 409, title: 'The key is still needed' },
  too_many_factors: { status: 409, title: 'There are as many of this kind as there can be' },
  factor_required: { status: 409, title: 'The last second factor has to stay' },
  no_mail: { status: 409, title: 'This server sends no mail' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be JSON' },
  too_many_requests: { status: 429, title: 'Too many in a short time' },
  internal_error: { status: 500, title: 'Something went wrong here' },
  unavailable: { status: 503, title: 'The server cannot answer now' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with one member of the request. */
export interface ProblemPointer {
  /** A JSON pointer into the body (RFC 6901), or the name of a parameter. */
  readonly pointer: string;
  readonly detail: string;
}

/** Thrown by handlers; `problem-handler` alone turns it into an answer. `detail` is public. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly ProblemPointer[] | undefined;

  constructor(code: ProblemCode, detail: string, errors?: readonly ProblemPointer[]) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
    this.errors = errors;
  }
}

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ format: 'uri', description: 'The page that explains this kind of problem' }),
    title: Type.String({ description: 'The kind of problem, the same on every occurrence' }),
    status: Type.Integer({ description: 'The HTTP status' }),
    detail: Type.String({ description: 'What happened this time, and what to do' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'A JSON pointer into the body, or the name of a parameter' }),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { title: 'Problem', description: 'Problem details (RFC 9457)' },
);

export type ProblemBody = Static<typeof ProblemSchema>;

/** @param issuer where the docs are served, so that `type` is a page that opens */
export function problemBody(issuer: string, problem: Problem): ProblemBody {
  const { status, title } = PROBLEMS[problem.code];
  return {
    type: `${issuer.replace(/\/$/, '')}/docs/reference/problems#${problem.code}`,
    title,
    status,
    detail: problem.detail,
    ...(problem.errors !== undefined && { errors: problem.errors.map((error) => ({ ...error })) }),
  };
}
