/** A page of personal access tokens, as both APIs list them. */
import type { Static } from '../../schema/type.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PersonalAccessTokens, PersonalTokenFilter } from '../../ports/personal-access-tokens.ts';
import type { Resources } from '../../ports/resources.ts';
import { pageRequest } from '../paging.ts';
import {
  type PersonalTokenPage,
  type PersonalTokenQuery,
  toPersonalTokenWire,
  type WireDependencies,
} from './personal-token-wire.ts';

export interface PageDependencies extends WireDependencies {
  readonly personalAccessTokens: Pick<PersonalAccessTokens, 'list'>;
  readonly resources: Pick<Resources, 'find' | 'findByIdentifier'>;
  readonly clock: Clock;
}

/** @param whose those that the caller may see, of which the query chooses */
export async function personalTokenPage(
  whose: Pick<PersonalTokenFilter, 'userId' | 'organizationIds'>,
  query: Static<typeof PersonalTokenQuery>,
  dependencies: PageDependencies,
): Promise<Static<typeof PersonalTokenPage>> {
  const { status, resource } = query;
  const { personalAccessTokens, resources, clock } = dependencies;
  const now = clock();
  const named = resource === undefined ? undefined : await resources.findByIdentifier(resource);
  const { items, nextCursor } = await personalAccessTokens.list(
    {
      ...whose,
      ...(resource !== undefined && { resourceId: named?.id ?? 'none' }),
      ...(status !== undefined && { status: { is: status, at: now } }),
    },
    pageRequest(query),
  );
  return {
    items: await Promise.all(items.map((item) => toPersonalTokenWire(item, now, dependencies))),
    ...(nextCursor !== undefined && { next_cursor: nextCursor }),
  };
}
