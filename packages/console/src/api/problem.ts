/** What an API answered instead of what was asked for (RFC 9457). */
export interface ProblemPointer {
  readonly pointer: string;
  readonly detail: string;
}

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** The anchor of the page that explains it, such as `already_exists`. */
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  /** The page that explains it, on this server. */
  readonly help: string | undefined;
  readonly errors: readonly ProblemPointer[];
  /** To ask the operator about; `tessera why` reads it. */
  readonly requestId: string | undefined;

  constructor(
    told: Pick<ApiProblem, 'code' | 'status' | 'detail'> & { readonly title: string },
    more: Partial<Pick<ApiProblem, 'help' | 'errors' | 'requestId'>> = {},
  ) {
    super(told.title);
    this.code = told.code;
    this.status = told.status;
    this.detail = told.detail;
    this.help = more.help;
    this.errors = more.errors ?? [];
    this.requestId = more.requestId;
  }

  /** What is wrong with one member of the body. */
  of(member: string): string | undefined {
    const pointer = `/${member}`;
    return this.errors.find((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`))
      ?.detail;
  }
}

/** Of an answer that is not what was asked for. @param text of the body, JSON or not */
export function problemOf(answer: Pick<Response, 'status' | 'headers'>, text: string): ApiProblem {
  const requestId = answer.headers.get('x-request-id') ?? undefined;
  const { status } = answer;
  try {
    const body: unknown = JSON.parse(text);
    if (isProblemBody(body)) {
      const code = body.type.split('#')[1] ?? 'unknown';
      const help = URL.canParse(body.type) ? new URL(body.type) : undefined;
      return new ApiProblem(
        { code, status, title: body.title, detail: body.detail },
        {
          ...(help === undefined ? {} : { help: `${help.pathname}${help.hash}` }),
          errors: body.errors ?? [],
          requestId,
        },
      );
    }
  } catch {
    // Told below: whatever stands in front of the server has answered.
  }
  return new ApiProblem(
    {
      code: 'unexpected',
      status,
      title: 'The server answered something else',
      detail: `Status ${status}, and no explanation. Something between this page and the server may have answered.`,
    },
    { requestId },
  );
}

interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly ProblemPointer[];
}

function isProblemBody(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && 'type' in body && 'title' in body && 'detail' in body;
}

/** No answer at all. */
export function unreachable(): ApiProblem {
  return new ApiProblem({
    code: 'unreachable',
    status: 0,
    title: 'The server cannot be reached',
    detail:
      'Nothing was sent, or no answer came. Check that it runs and that you are online; then try again.',
  });
}
