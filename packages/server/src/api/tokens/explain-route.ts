/** `/admin/v1/tokens/explain`: would an API take this token, and if not, why? With all that is kept of it. */
import type { FastifyRequest } from 'fastify';
import { parseTokenString, type VerificationKey } from '@tessera/tokens';
import type { Check, TokenExpectations, TokenExplanation } from '@tessera/tokens/explain';
import { type Static, Type } from '../../schema/type.ts';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Resources } from '../../ports/resources.ts';
import type { Refusals } from '../../ports/refusals.ts';
import type { CatTokens } from '../../protocol/cat-tokens.ts';
import type { Api } from '../api.ts';
import { callerIsOperator } from '../authority-of-caller.ts';
import { operation } from '../operation.ts';
import { PersonalTokenSchema } from '../personal-access-tokens/personal-token-wire.ts';
import { RefusalSchema, toRefusalWire } from '../refusals/refusal-routes.ts';
import { explainPersonalToken, type ExplainPersonalTokenDependencies } from './explain-personal-token.ts';
import { idOfToken, TokenText } from './pasted-token.ts';
import {
  type BackgroundDependencies,
  BackgroundSchema,
  findBackground,
  toBackgroundWire,
  type TokenBackground,
  whyEnded,
} from './token-background.ts';
import { isOfCaller, mayWithToken } from './token-sight.ts';
import { type LastUseDependencies, lastUseOf, TokenSchema, toTokenWire } from './token-wire.ts';

export interface ExplainDependencies
  extends BackgroundDependencies,
    LastUseDependencies,
    ExplainPersonalTokenDependencies {
  readonly accessTokens: Pick<AccessTokens, 'find'>;
  readonly resources: Resources;
  readonly refusals: Pick<Refusals, 'list'>;
  readonly keys: { verificationKey(kid: string): VerificationKey | undefined };
  readonly catTokens: Pick<CatTokens, 'jtiOf'>;
  readonly clock: Clock;
}

const Question = Type.Object(
  {
    token: TokenText,
    audience: Type.Optional(Type.String({ maxLength: 2048, description: 'The identifier of an API' })),
    scope: Type.Optional(
      Type.String({ maxLength: 2048, description: 'What the API asks for, with spaces between' }),
    ),
  },
  { additionalProperties: false, title: 'TokenQuestion' },
);

const CheckSchema = Type.Object(
  {
    check: Type.String({ description: 'Such as signature, audience or status' }),
    result: Type.Enum(['passed', 'failed', 'skipped']),
    expected: Type.Optional(Type.String()),
    got: Type.Optional(Type.String()),
    fix: Type.Optional(Type.String({ description: 'What to do; with each check that failed' })),
  },
  { title: 'TokenCheck' },
);

const ExplanationSchema = Type.Object(
  {
    format: Type.Enum(['opaque', 'jwt', 'cwt', 'cat', 'unknown']),
    good: Type.Boolean({ description: 'Whether no check failed' }),
    checks: Type.Array(CheckSchema, { description: 'In the order in which an API makes them' }),
    kept: Type.Optional(TokenSchema),
    background: Type.Optional(BackgroundSchema),
    personal_access_token: Type.Optional(PersonalTokenSchema),
    refusals: Type.Optional(
      Type.Array(RefusalSchema, { description: 'Where this server refused it last; opaque tokens only' }),
    ),
  },
  { title: 'TokenExplanation' },
);

/** How many of the last refusals are told. */
const REFUSALS_TOLD = 3;

export function registerExplainRoute(api: Api, dependencies: ExplainDependencies): void {
  const explain = operation({
    operationId: 'explainToken',
    summary: 'Explain a token that you hold',
    description:
      'Every check that an API makes, with what it expects and gets, also after one has failed; and what is kept of the token. It is neither logged nor kept. Of a token that is neither yours nor of an app that you look after, nothing is known.',
    tag: 'tokens',
    asks: ['token.read', 'personal_access_token.read'],
    answers: { 200: { description: 'The checks, and what is known', schema: ExplanationSchema } },
  });
  api.post('/tokens/explain', { schema: { ...explain, body: Question } }, (request) =>
    answer(request, request.body, dependencies),
  );
}

async function answer(
  request: FastifyRequest,
  { token: pasted, audience, scope }: Static<typeof Question>,
  dependencies: ExplainDependencies,
): Promise<Static<typeof ExplanationSchema>> {
  const { issuer, keys, clock } = dependencies;
  const token = pasted.trim();
  const now = clock();
  const expectations: TokenExpectations = {
    nowMs: now,
    issuer,
    ...(audience !== undefined && { audience }),
    ...(scope !== undefined && { scopes: scope.split(' ').filter((name) => name !== '') }),
    findKey: (kid) => (kid === undefined ? undefined : keys.verificationKey(kid)),
  };
  // Loaded when somebody asks: a start must not read every format.
  const { explainToken } = await import('@tessera/tokens/explain');
  const explanation = await withOwnSecret(
    token,
    await explainToken(token, expectations),
    dependencies.catTokens,
  );
  if (parseTokenString(token)?.kind === 'pat') {
    const { format } = explanation;
    const told = await explainPersonalToken(request, token, explanation.checks, expectations, dependencies);
    return {
      format,
      good: told.checks.every(({ result }) => result !== 'failed'),
      checks: [...told.checks],
      ...(told.kept !== undefined && { personal_access_token: told.kept }),
    };
  }
  const found = isProven(token, explanation) ? await findKept(request, token, dependencies) : undefined;
  const checks = await withWhatIsKept(token, explanation, found, expectations, issuer);
  const good = checks.every(({ result }) => result !== 'failed');
  if (found === undefined || found === 'not_yours') return { format: explanation.format, good, checks };
  const { items } = await dependencies.refusals.list(
    { tokenId: found.state.row.id },
    { limit: REFUSALS_TOLD },
  );
  return {
    format: explanation.format,
    good,
    checks,
    kept: toTokenWire(
      found.state,
      found.resource?.identifier,
      now,
      await lastUseOf(found.state, dependencies),
    ),
    background: toBackgroundWire(found, callerIsOperator(request) || isOfCaller(request, found.state)),
    ...(items.length > 0 && { refusals: items.map(toRefusalWire) }),
  };
}

/** The secret of a Common Access Token stays with the key ring, which says whether the token was made here. */
async function withOwnSecret(
  token: string,
  explanation: TokenExplanation,
  catTokens: Pick<CatTokens, 'jtiOf'>,
): Promise<TokenExplanation> {
  if (explanation.format !== 'cat') return explanation;
  const { failed, passed } = await import('@tessera/tokens/explain');
  const isOurs = (await catTokens.jtiOf(token)) !== undefined;
  const expected = 'made by this server';
  const fix =
    'It was changed, or made by somebody else. Get one from this server, or check it with its own key.';
  const signature = isOurs
    ? passed('signature', { expected, got: 'it holds' })
    : failed('signature', { expected, got: 'it does not hold with any key of this server', fix });
  const [form] = explanation.checks;
  return { format: 'cat', checks: [...(form === undefined ? [] : [form]), signature] };
}

/** Of a token that somebody made up, with the `jti` of a real one, nothing is told. */
function isProven(token: string, { format, checks }: TokenExplanation): boolean {
  if (format === 'opaque') return parseTokenString(token)?.kind === 'at';
  return checks.some(({ check, result }) => check === 'signature' && result === 'passed');
}

async function findKept(
  request: FastifyRequest,
  token: string,
  dependencies: ExplainDependencies,
): Promise<TokenBackground | 'not_yours' | undefined> {
  const id = await idOfToken(token, dependencies.catTokens);
  const state = id === undefined ? undefined : await dependencies.accessTokens.find(id);
  if (state === undefined) return undefined;
  const mayRead =
    isOfCaller(request, state) || (await mayWithToken(request, 'token.read', state, dependencies.clients));
  return mayRead ? findBackground(state, dependencies) : 'not_yours';
}

/** The checks that only the issuer can make come after those that anybody can. */
async function withWhatIsKept(
  token: string,
  explanation: TokenExplanation,
  found: TokenBackground | 'not_yours' | undefined,
  expectations: TokenExpectations,
  issuer: string,
): Promise<Check[]> {
  const { checks } = explanation;
  if (!isProven(token, explanation)) return [...checks];
  const { explainKept, failed, passed } = await import('@tessera/tokens/explain');
  const expected = 'a row of a token that was issued here';
  const others = checks.filter(({ check }) => check !== 'known');
  // Its signature says that it was issued here; what became of it is told to whoever looks after it.
  if (found === 'not_yours' && explanation.format !== 'opaque') return [...checks];
  if (found === undefined || found === 'not_yours') {
    const fix =
      'It was never issued here, ended more than a day ago, or is not yours to ask about. Get another token.';
    return [...others, failed('known', { expected, got: 'none', fix })];
  }
  const status = statusCheck(found, { failed, passed });
  const known = passed('known', { expected, got: `issued to ${found.state.row.clientId}` });
  if (explanation.format === 'jwt' || explanation.format === 'cwt') return [...others, known, status];
  return [...others, known, status, ...explainKept(claimsOf(found, issuer), expectations)];
}

function statusCheck(
  found: TokenBackground,
  { failed, passed }: Pick<typeof import('@tessera/tokens/explain'), 'failed' | 'passed'>,
): Check {
  const ended = whyEnded(found);
  const expected = 'nothing that it hangs from has ended';
  if (ended === undefined) return passed('status', { expected, got: 'none of it has' });
  const fix =
    found.state.row.userId === undefined
      ? 'Get another token, with the credentials of the app.'
      : 'Send the person to /authorize again: what was ended stays ended.';
  return failed('status', { expected, got: ended, fix });
}

/** What the issuer knows of an opaque token, or of a Common Access Token, which need not say it. */
function claimsOf(
  { state: { row }, audience }: TokenBackground,
  issuer: string,
): Readonly<Record<string, unknown>> {
  return {
    iss: issuer,
    aud: audience.length === 1 ? audience[0] : audience,
    exp: row.expiresAt / 1000,
    iat: row.issuedAt / 1000,
    ...(row.scopes.length > 0 && { scope: row.scopes.join(' ') }),
    ...(row.confirmation !== undefined && { cnf: row.confirmation }),
  };
}
