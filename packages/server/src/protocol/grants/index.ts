/** The list of grants; adding one is a file and a line here. */
import { type AgentDependencies, withAgents } from '../agent-grants.ts';
import { type AuthorizationCodeDependencies, authorizationCodeGrant } from './authorization-code.ts';
import { type ClientCredentialsDependencies, clientCredentialsGrant } from './client-credentials.ts';
import { type DeviceCodeDependencies, deviceCodeGrant } from './device-code.ts';
import type { GrantHandler } from './grant-handler.ts';
import { type JwtBearerDependencies, jwtBearerGrant } from './jwt-bearer.ts';
import { type TokenExchangeDependencies, tokenExchangeGrant } from './token-exchange.ts';
import { type PoliciesAfterDependencies, withPolicies } from '../policies/judge-written.ts';
import { type RefreshTokenDependencies, refreshTokenGrant } from './refresh-token.ts';

export interface GrantDependencies {
  readonly authorizationCode: AuthorizationCodeDependencies;
  readonly clientCredentials: ClientCredentialsDependencies;
  readonly refreshToken: RefreshTokenDependencies;
  readonly deviceCode: DeviceCodeDependencies;
  readonly tokenExchange: TokenExchangeDependencies;
  readonly jwtBearer: JwtBearerDependencies;
  readonly agents: AgentDependencies;
  readonly policies: PoliciesAfterDependencies;
}

export function grantHandlers(dependencies: GrantDependencies): ReadonlyMap<string, GrantHandler> {
  const handlers = [
    authorizationCodeGrant(dependencies.authorizationCode),
    clientCredentialsGrant(dependencies.clientCredentials),
    refreshTokenGrant(dependencies.refreshToken),
    deviceCodeGrant(dependencies.deviceCode),
    tokenExchangeGrant(dependencies.tokenExchange),
    jwtBearerGrant(dependencies.jwtBearer),
  ];
  const { agents, policies } = dependencies;
  return new Map(
    handlers.map((handler) => [handler.type, withAgents(withPolicies(handler, policies), agents)]),
  );
}
