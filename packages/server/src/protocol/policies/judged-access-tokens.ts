/**
 * Access tokens as the store knows them, but for those that were not judged by a change of a policy since: they have
 * ended, though nobody has written that into each of their rows.
 */
import { judgedBefore, type PolicyChange } from '../../domain/policy.ts';
import type { AccessTokenRow } from '../../domain/access-token.ts';
import type { AccessTokens, AccessTokenState } from '../../ports/access-tokens.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Policies } from '../../ports/policies.ts';
import type { Resources } from '../../ports/resources.ts';

export interface JudgedAccessTokensDependencies {
  readonly policies: Pick<Policies, 'snapshot'>;
  readonly clients: Pick<Clients, 'find'>;
  readonly resources: Pick<Resources, 'find' | 'findDefault'>;
}

/** The same port; where no policy has changed within a day, the very same answers. */
export function judgedAccessTokens(
  accessTokens: AccessTokens,
  dependencies: JudgedAccessTokensDependencies,
): AccessTokens {
  const { policies } = dependencies;
  return {
    ...accessTokens,
    find(id) {
      const snapshot = policies.snapshot();
      if (!(snapshot instanceof Promise) && snapshot.changes.length === 0) return accessTokens.find(id);
      return findJudged(id, accessTokens, dependencies);
    },
    async list(filter, page) {
      const { changes } = await policies.snapshot();
      const found = await accessTokens.list(filter, page);
      if (changes.length === 0) return found;
      const items = await Promise.all(found.items.map((state) => judged(state, changes, dependencies)));
      return { ...found, items };
    },
  };
}

async function findJudged(
  id: Uint8Array,
  accessTokens: AccessTokens,
  dependencies: JudgedAccessTokensDependencies,
): Promise<AccessTokenState | undefined> {
  const { changes } = await dependencies.policies.snapshot();
  const state = await accessTokens.find(id);
  return state === undefined || changes.length === 0 ? state : judged(state, changes, dependencies);
}

async function judged(
  state: AccessTokenState,
  changes: readonly PolicyChange[],
  dependencies: JudgedAccessTokensDependencies,
): Promise<AccessTokenState> {
  const { row, endedAt } = state;
  const newer = changes.filter(
    (change) => change.epoch > (row.policyEpoch ?? 0) && row.issuedAt < judgedBefore(change.at),
  );
  if (endedAt !== undefined || newer.length === 0) return state;
  const concerns = await concerning(row, newer, dependencies);
  const first = newer.find(concerns);
  return first === undefined ? state : { ...state, endedAt: Math.max(first.at, row.issuedAt) };
}

/** Whether a change is about a token: the token is of everything that it names. */
async function concerning(
  { clientId, userId, resourceId }: AccessTokenRow,
  changes: readonly PolicyChange[],
  { clients, resources }: JudgedAccessTokensDependencies,
): Promise<(change: PolicyChange) => boolean> {
  const asksForOwner = changes.some(({ organizationId }) => organizationId !== undefined);
  const [api, client] = await Promise.all([
    resourceId === undefined ? resources.findDefault() : resources.find(resourceId),
    asksForOwner ? clients.find(clientId) : undefined,
  ]);
  return (change) => {
    // Tessera's own API is concerned by what names it.
    if (api?.builtIn === true && change.resourceId === undefined) return false;
    if (change.clientId !== undefined && change.clientId !== clientId) return false;
    if (change.userId !== undefined && change.userId !== userId) return false;
    if (change.resourceId !== undefined && change.resourceId !== api?.id) return false;
    const { organizationId: owner } = change;
    return owner === undefined || owner === client?.organizationId || owner === api?.organizationId;
  };
}
