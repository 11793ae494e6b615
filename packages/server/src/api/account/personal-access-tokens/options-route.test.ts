import { afterAll, beforeAll, expect, it } from 'vitest';
import { audit, resource } from '../../../store/contract/samples.ts';
import { ADMIN, type ApiFixture, createApiFixture, MEMBER } from '../../testing/api-fixture.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await createApiFixture();
});
afterAll(() => fixture.close());

const optionsOf = async (userId: string): Promise<readonly string[]> => {
  const answer = await fixture.app.inject({
    url: '/account/v1/personal-access-token-options',
    headers: { authorization: `Bearer ${fixture.tokenFor(userId, ['account'])}` },
  });
  return answer.json<{ items: { resource: string }[] }>().items.map((each) => each.resource);
};

it('offers every API to which a person may have a token, however many others have', async () => {
  const { resources } = fixture.store;
  const [first, second] = [resource(), resource()];
  await resources.create(first, audit('resource.created'));
  await resources.create(second, audit('resource.created'));
  const others = Array.from({ length: 230 }, () => resource({ organizationId: ADMIN.organizationId }));
  await Promise.all(others.map((each) => resources.create(each, audit('resource.created'))));
  expect(await optionsOf(MEMBER.id)).toEqual([second.identifier, first.identifier]);
  expect(await optionsOf(ADMIN.id)).toHaveLength(232);
});
