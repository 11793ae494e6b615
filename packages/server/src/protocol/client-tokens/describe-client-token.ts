/**
 * What an API is told of a client token: which app it names, and what such tokens open at this API. Never of a person.
 * @spec RFC 7662 §2.2
 */
import type { Client } from '../../domain/client.ts';
import type { ClientToken } from '../../domain/client-token.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Resources } from '../../ports/resources.ts';
import { judgeClientTokenUse } from '../policies/judge-uses.ts';
import type { PolicyJudge } from '../policies/judge-tokens.ts';
import type { RequestContext } from '../request-context.ts';
import { isHeldToFapi2 } from '../security-profile.ts';
import type { ClientTokenUses } from './client-token-uses.ts';

/** Tells a client token, which anybody may have copied, from one that the app got with its credentials. */
export const CLIENT_TOKEN_KIND = 'client_token';

/** A client token without an end is good for as long as nobody resets it; an answer about it holds so long at most. */
const ANSWER_SECONDS = 3600;

export type ClientTokenDescription =
  | { readonly active: false; readonly tessera_reason?: 'revoked' | 'access_policy' }
  | {
      readonly active: true;
      readonly iss: string;
      readonly sub: string;
      readonly aud: string | readonly string[];
      readonly client_id: string;
      readonly exp: number;
      readonly iat: number;
      readonly scope?: string;
      readonly jti: string;
      readonly token_type: 'Bearer';
      readonly org_id: string;
      readonly policy_epoch?: number;
      readonly tessera_kind: typeof CLIENT_TOKEN_KIND;
    };

export interface ClientTokenDependencies {
  readonly issuer: string;
  readonly clients: Pick<Clients, 'find'>;
  readonly resources: Pick<Resources, 'servedBy'>;
  readonly clientTokenUses: Pick<ClientTokenUses, 'note'>;
  readonly policyJudge: PolicyJudge;
}

/** @param caller only a client that serves an API which takes client tokens is told anything */
export async function describeClientToken(
  token: ClientToken,
  caller: Client,
  use: { readonly context: RequestContext; readonly address: string | undefined },
  { issuer, clients, resources, clientTokenUses, policyJudge }: ClientTokenDependencies,
): Promise<ClientTokenDescription> {
  const { at } = use.context;
  const served = await resources.servedBy(caller.id);
  const takers = served.filter((api) => (api.clientTokenScopes ?? []).length > 0);
  const [first] = takers;
  if (first === undefined) return { active: false };
  const client = await clients.find(token.clientId);
  const hasEnded = token.endsAt !== undefined && at >= token.endsAt;
  if (hasEnded || client?.status !== 'active' || isHeldToFapi2(client)) {
    return { active: false, tessera_reason: 'revoked' };
  }
  const scopes = openedScopes(takers, client);
  const { isRefused, epoch } = await judgeClientTokenUse(client, scopes, takers, use, policyJudge);
  if (isRefused) return { active: false, tessera_reason: 'access_policy' };
  clientTokenUses.note(token, at);
  return {
    active: true,
    iss: issuer,
    sub: client.id,
    aud: takers.length === 1 ? first.identifier : takers.map((api) => api.identifier),
    client_id: client.id,
    exp:
      token.endsAt === undefined ? Math.floor(at / 1000) + ANSWER_SECONDS : Math.floor(token.endsAt / 1000),
    iat: Math.floor(token.createdAt / 1000),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    jti: Buffer.from(token.id).toString('base64url'),
    token_type: 'Bearer',
    org_id: client.organizationId,
    ...(epoch === undefined ? {} : { policy_epoch: epoch }),
    tessera_kind: CLIENT_TOKEN_KIND,
  };
}

/**
 * What such tokens open at every API that asks by this client: a scope of one of them means nothing at another. A
 * client that may ask for some scopes only gets no others this way either.
 */
function openedScopes(takers: readonly Resource[], { scopes: allowed }: Client): readonly string[] {
  const [first, ...others] = takers.map((api) => api.clientTokenScopes ?? []);
  return (first ?? []).filter(
    (scope) =>
      others.every((opened) => opened.includes(scope)) && (allowed === undefined || allowed.includes(scope)),
  );
}
