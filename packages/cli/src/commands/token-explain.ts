/** `tessera token explain`: every check that an API makes, what it expects and gets, and what to do. */
import { importJwkSet, parseTokenString } from '@tessera/tokens';
import { explainToken, readToken, type TokenExpectations } from '@tessera/tokens/explain';
import type { Command } from 'commander';
import { type ApiClient, createApiClient, type Json } from '../api-client.ts';
import { CommandError } from '../command-error.ts';
import { apiCommand } from '../command-tree.ts';
import { EXIT } from '../exit-code.ts';
import { readJson, sendRequest } from '../http.ts';
import { discover } from '../oauth-client.ts';
import { pathOf } from '../options.ts';
import { type OutputOptions, tell } from '../output.ts';
import { type Explained, firstFailure, printExplanation } from '../printing-checks.ts';
import { type KeyOptions, readKeys, withKeys } from '../reading-keys.ts';
import { localServerUrl, safeUrl } from '../server-url.ts';
import { wantedUrl } from '../sign-in.ts';
import { argumentOrInput } from '../standard-input.ts';
import { expectationsOf, type QuestionOptions, scopesOf, withQuestion } from '../token-question.ts';

interface ExplainOptions extends OutputOptions, QuestionOptions, KeyOptions {
  readonly server?: string;
  readonly offline?: boolean;
}

export function defineExplain(token: Command): void {
  withKeys(
    withQuestion(
      apiCommand(token, 'explain <token>', 'say why a token is good or not; - reads standard input'),
    ),
  )
    .option('--offline', 'ask nobody')
    .addHelpText(
      'after',
      '\nYour server is asked about its own tokens, if you are signed in. Other tokens stay here; only keys are fetched.\nExit code 0: every check that was made passed. 3: one failed.',
    )
    .action(explain);
}

async function explain(argument: string, options: ExplainOptions): Promise<void> {
  const token = await argumentOrInput(argument);
  const api = await serverOf(token, options);
  if (api === undefined) {
    const explained = await explainHere(token, options);
    await printExplanation(explained, options);
    end(explained);
    return;
  }
  const answer = await api.post(pathOf('tokens', 'explain'), questionOf(token, options));
  const { kept: row, background, personal_access_token: personal, refusals } = answer;
  const explained: Explained = { ...answer, checks: Array.isArray(answer['checks']) ? answer['checks'] : [] };
  const kept = [
    ...(row === undefined ? [] : [{ ...Object(row), ...Object(background) }]),
    ...(personal === undefined ? [] : [Object(personal)]),
  ];
  await printExplanation(explained, options, [...kept, ...listOf(refusals).map(lastRefused)]);
  end(explained);
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function lastRefused({ at, method, path, detail, description, address, request_id }: Json): object {
  return {
    refused_at: at,
    request: `${String(method)} ${String(path)}`,
    why: detail ?? description,
    address,
    request_id,
  };
}

function questionOf(token: string, options: ExplainOptions): object {
  const { audience } = options;
  const scopes = scopesOf(options);
  return {
    token,
    ...(audience !== undefined && { audience }),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  };
}

/** The server that a token may be shown to: the one that issued it, as whom somebody is signed in there. */
async function serverOf(token: string, options: ExplainOptions): Promise<ApiClient | undefined> {
  const { key, jwks, issuer, offline, server } = options;
  if (offline === true || key !== undefined || jwks !== undefined || issuer !== undefined) return undefined;
  const read = readToken(token);
  if (read === undefined) return undefined;
  const isOpaque = read.format === 'opaque';
  const kind = parseTokenString(token)?.kind;
  if (isOpaque && kind !== 'at' && kind !== 'pat') return undefined;
  try {
    const api = await createApiClient({ ...(server !== undefined && { server }) });
    return isOpaque || read.claims['iss'] === api.signedIn.url ? api : undefined;
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== EXIT.notSignedIn) throw error;
    tell('You are not signed in, so the server is not asked. `tessera login` signs you in.');
    return undefined;
  }
}

async function explainHere(token: string, options: ExplainOptions): Promise<Explained> {
  const keys = await readKeys(options);
  const named = options.issuer === undefined ? undefined : safeUrl(options.issuer);
  const issuer = named ?? wantedUrl(process.env, options.server) ?? localServerUrl(process.env);
  const findKey = issuer === undefined || options.offline === true ? undefined : publishedBy(issuer);
  const { format, checks } = await explainToken(token, expectationsOf(options, issuer, keys, findKey));
  const good = checks.every(({ result }) => result !== 'failed');
  return { format, good, checks };
}

/** Asked only for a token that names this issuer. */
function publishedBy(issuer: string): NonNullable<TokenExpectations['findKey']> {
  return async (kid, alg) => {
    const { jwksUri } = await discover(issuer);
    return importJwkSet(await readJson(await sendRequest(jwksUri, {})))?.find(kid, alg);
  };
}

function end(explained: Explained): void {
  if (firstFailure(explained) !== undefined) process.exitCode = EXIT.invalidToken;
}
