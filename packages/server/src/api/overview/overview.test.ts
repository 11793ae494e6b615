import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import { personalToken } from '../../store/contract/samples.ts';
import { type ApiFixture, createApiFixture, event, MEMBER } from '../testing/api-fixture.ts';

const HOUR = 3_600_000;

describe('figures of the last 24 hours', () => {
  let fixture: ApiFixture;
  let own: string;

  beforeAll(async () => {
    fixture = await createApiFixture();
    const { store, time } = fixture;
    const headers = { authorization: `Bearer ${fixture.tokenFor(MEMBER.id, ['admin'])}` };
    const created = await fixture.app.inject({
      method: 'POST',
      url: '/admin/v1/clients',
      headers,
      payload: { client_name: 'Bob’s app', redirect_uris: ['https://bob.example/'] },
    });
    own = created.json().client_id;
    const of = { clientId: own, organizationId: MEMBER.organizationId };
    await store.usage.add([{ kind: 'issued', count: 5, ...of }], time.now - 25 * HOUR);
    await store.usage.add(
      [
        { kind: 'issued', count: 3, ...of },
        { kind: 'refused', reason: 'invalid_grant', count: 1, ...of },
        { kind: 'refused', reason: 'invalid_client', count: 3 },
      ],
      time.now - 2 * HOUR,
    );
    await store.refusals.record([
      {
        requestId: 'req_1',
        at: time.now,
        method: 'POST',
        path: '/api/token',
        status: 400,
        error: 'invalid_grant',
        description: 'The code is unknown',
        clientId: own,
        address: '192.0.2.1',
      },
    ]);
  });
  afterAll(() => fixture.close());

  const asMember = async (url: string) => {
    const headers = { authorization: `Bearer ${fixture.tokenFor(MEMBER.id, ['admin'])}` };
    return fixture.app.inject({ url: `/admin/v1${url}`, headers });
  };

  it.each(['?per=second', '?colour=red'])('are refused with %s', async (query) => {
    expect(await fixture.call('GET', `/admin/v1/overview${query}`)).toMatchObject({ status: 400 });
  });
  it('of an app that one may not see are not there', async () => {
    for (const id of ['tessera-cli', 'app_nobody']) {
      // oxlint-disable-next-line no-await-in-loop -- one question after the other
      expect((await asMember(`/clients/${id}/usage`)).statusCode).toBe(404);
    }
  });

  it('are those of everybody for an operator', async () => {
    const { body } = await fixture.call('GET', '/admin/v1/overview');
    expect(body).toMatchObject({
      per: 'hour',
      totals: { issued: 3, verified: 0, refused: 4 },
      refusal_reasons: [
        { reason: 'invalid_client', count: 3, percent: 75 },
        { reason: 'invalid_grant', count: 1, percent: 25 },
      ],
      needs_you: [],
    });
    expect(body.times).toHaveLength(24);
    expect(body.times[21]).toMatchObject({ issued: 3, refused: 4 });
    const minutes = await fixture.call('GET', '/admin/v1/overview?per=minute');
    expect(minutes.body.times).toHaveLength(1440);
    expect(minutes.body.totals).toEqual(body.totals);
  });
  it('are those of their own apps for everybody else', async () => {
    for (const per of ['minute', 'hour']) {
      // oxlint-disable-next-line no-await-in-loop -- one question after the other
      const answer = await asMember(`/overview?per=${per}`);
      expect(answer.json()).toMatchObject({
        totals: { issued: 3, verified: 0, refused: 1 },
        refusal_reasons: [{ reason: 'invalid_grant', count: 1, percent: 100 }],
      });
    }
    const other = await asMember('/overview?organization_id=org_default');
    expect(other.json()).toMatchObject({ totals: { issued: 0, verified: 0, refused: 0 } });
  });
  it('of one app come with what was refused last', async () => {
    const answer = await asMember(`/clients/${own}/usage`);
    expect(answer.json()).toMatchObject({
      totals: { issued: 3, verified: 0, refused: 1 },
      last_refusals: [{ request_id: 'req_1', error: 'invalid_grant' }],
    });
  });
  it('come with the tokens that wait for an organization, for whoever decides there', async () => {
    const { store, time } = fixture;
    const waiting = {
      approval: 'pending',
      approvalOrganizationId: DEFAULT_ORGANIZATION_ID,
      createdAt: time.now,
      expiresAt: time.now + HOUR,
    } as const;
    const [wanted, decided, ended] = [
      personalToken(MEMBER, waiting),
      personalToken(MEMBER, { ...waiting, approval: 'approved' }),
      personalToken(MEMBER, { ...waiting, expiresAt: time.now }),
    ];
    for (const token of [wanted, decided, ended]) {
      // oxlint-disable-next-line no-await-in-loop -- newest last
      await store.personalAccessTokens.create(token, event('personal_access_token.created'));
    }
    const { body } = await fixture.call('GET', '/admin/v1/overview');
    expect(body.needs_you).toEqual([{ kind: 'token_pending', id: wanted.id, at: time.now / 1000 }]);
    // Made in the organization that is all theirs, but not theirs to decide about.
    expect((await asMember('/overview')).json()).toMatchObject({ needs_you: [] });
    await store.memberships.add(
      {
        organizationId: DEFAULT_ORGANIZATION_ID,
        userId: MEMBER.id,
        role: 'admin',
        createdAt: time.now,
        updatedAt: time.now,
      },
      event('member.added'),
    );
    expect((await asMember('/overview')).json()).toMatchObject({ needs_you: [{ id: wanted.id }] });
    const ofTheirs = await asMember(`/overview?organization_id=${MEMBER.organizationId}`);
    expect(ofTheirs.json()).toMatchObject({ needs_you: [] });
    const done = event('personal_access_token.revoked');
    await store.personalAccessTokens.revoke(wanted.id, time.now, 'revoked_by_owner', done);
  });
  it('come with what waits for somebody', async () => {
    const { store, time } = fixture;
    const client = await store.clients.find(own);
    if (client === undefined) throw new Error('no client');
    const registered = {
      ...client,
      id: 'app_self',
      registeredBy: 'registration',
      createdAt: time.now,
    } as const;
    await store.clients.create(registered, event('client.created'));
    const { body } = await fixture.call('GET', '/admin/v1/overview');
    expect(body.needs_you).toEqual([{ kind: 'registration', id: 'app_self', at: time.now / 1000 }]);
    const rotated = await fixture.call('POST', '/admin/v1/keys/rotate', { alg: 'ES256', immediately: true });
    expect(rotated.status).toBeLessThan(300);
    time.now += 92 * 24 * HOUR;
    const later = await fixture.call('GET', '/admin/v1/overview');
    expect(later.body.needs_you).toMatchObject([{ kind: 'key_due', id: rotated.body.kid }]);
  });
});
