import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../domain/audit-event.ts';
import { ADMIN, type ApiFixture, createApiFixture, event as sample, MEMBER } from '../testing/api-fixture.ts';

const START = 1_790_000_000_000;

describe('audit events', () => {
  let fixture: ApiFixture;
  const record = (id: string, more: Partial<AuditEvent>): Promise<void> =>
    fixture.store.audit.record({
      id,
      at: START,
      type: 'sign_in',
      outcome: 'success',
      actor: 'system',
      ...more,
    });

  beforeAll(async () => {
    fixture = await createApiFixture();
    for (let index = 0; index < 450; index += 1) {
      // oxlint-disable-next-line no-await-in-loop -- their order is looked at
      await record(`evt_${index}`, {
        at: START + index * 1000,
        actor: `usr_${index % 2}`,
        subject: 'usr_many',
      });
    }
    await record('evt_formula', {
      type: 'client.created',
      actor: ADMIN.id,
      userId: MEMBER.id,
      reason: 'unused',
      act: { sub: 'app_1', act: { sub: 'app_2' } },
      address: '192.0.2.1',
      personal: { agent: '=cmd|calc' },
      detail: { name: '=HYPERLINK("http://evil.example")' },
    });
    await record('evt_own', { actor: MEMBER.id, userId: MEMBER.id, address: '192.0.2.2' });
    await record('evt_guess', {
      actor: MEMBER.id,
      userId: MEMBER.id,
      outcome: 'failure',
      reason: 'wrong_password',
    });
    await record('evt_app', { type: 'grant.ended', actor: 'app_1', clientId: 'app_1', userId: MEMBER.id });
  });
  afterAll(() => fixture.close());

  it.each([
    '?since=yesterday',
    '?until=-1',
    '?outcome=maybe',
    '?actor=',
    '?colour=red',
    '/export?format=xlsx',
    '/export?limit=5',
  ])('refuses %s', async (query) => {
    expect(await fixture.call('GET', `/admin/v1/audit-events${query}`)).toMatchObject({ status: 400 });
  });
  it('are verified for operators alone', async () => {
    const headers = { authorization: `Bearer ${fixture.tokenFor(MEMBER.id, ['admin'])}` };
    const url = '/admin/v1/audit-events/verify';
    const answer = await fixture.app.inject({ method: 'POST', url, headers, payload: {} });
    expect(answer.statusCode).toBe(403);
  });
  it.each(['', '/export'])('are those of one’s organizations, without addresses: %s', async (path) => {
    const membership = {
      organizationId: 'org_default',
      userId: MEMBER.id,
      role: 'admin',
      createdAt: START,
      updatedAt: START,
    } as const;
    await fixture.store.memberships.add(membership, sample('member.added'));
    await record(`evt_team${path}`, {
      organizationId: 'org_default',
      address: '192.0.2.9',
      personal: { agent: 'Firefox' },
    });
    const headers = { authorization: `Bearer ${fixture.tokenFor(MEMBER.id, ['admin'])}` };
    const answer = await fixture.app.inject({ url: `/admin/v1/audit-events${path}`, headers });
    expect(answer.body).toContain(`evt_team${path}`);
    for (const foreign of ['evt_1"', 'evt_own', '192.0.2', 'Firefox'])
      expect(answer.body).not.toContain(foreign);
    const other = await fixture.app.inject({
      url: `/admin/v1/audit-events${path}?organization_id=org_usr_ada`,
      headers,
    });
    expect(other.body).not.toContain('evt_');
  });

  it.each([
    ['actor=usr_1&limit=2', ['evt_449', 'evt_447']],
    ['subject=usr_many&limit=1', ['evt_449']],
    ['outcome=failure', ['evt_guess']],
    ['type=client.created&user_id=usr_bob', ['evt_formula']],
    [`since=${START / 1000 + 449}`, ['evt_449']],
    [`until=${START / 1000 + 2}&actor=usr_1`, ['evt_1']],
    ['organization_id=org_nobody', []],
  ])('are narrowed by %s', async (query, ids) => {
    const { body } = await fixture.call('GET', `/admin/v1/audit-events?${query}`);
    expect(body.items.map((event: { id: string }) => event.id)).toEqual(ids);
  });

  it('say who did what to whom, on whose behalf, and why', async () => {
    const { body } = await fixture.call('GET', '/admin/v1/audit-events?type=client.created&user_id=usr_bob');
    expect(body.items[0]).toMatchObject({
      actor: ADMIN.id,
      subject: MEMBER.id,
      act: { sub: 'app_1', act: { sub: 'app_2' } },
      reason: 'unused',
      personal: { agent: '=cmd|calc' },
    });
  });

  it('are exported whole as JSON Lines, each as the list shows it', async () => {
    const headers = { authorization: `Bearer ${fixture.tokenFor(ADMIN.id, ['admin'])}` };
    const url = '/admin/v1/audit-events/export?format=jsonl&subject=usr_many';
    const answer = await fixture.app.inject({ url, headers });
    expect(answer.headers['content-type']).toContain('application/jsonl');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="audit-events.jsonl"');
    const lines = answer.body.trimEnd().split('\n');
    expect(lines).toHaveLength(450);
    const { body } = await fixture.call('GET', '/admin/v1/audit-events?subject=usr_many&limit=1');
    expect(JSON.parse(lines[0] ?? '')).toEqual(body.items[0]);
  });
  it('are exported as CSV in which nothing is calculated', async () => {
    const headers = { authorization: `Bearer ${fixture.tokenFor(ADMIN.id, ['admin'])}` };
    const url = '/admin/v1/audit-events/export?format=csv&type=client.created&user_id=usr_bob';
    const answer = await fixture.app.inject({ url, headers });
    const [head, line, end] = answer.body.split('\r\n');
    expect(head).toMatch(/^"id","at","type",/);
    expect(line).toContain('"evt_formula","2026-09-');
    expect(line).not.toMatch(/(^|,)"[=+@-]/);
    expect(end).toBe('');
  });
  it('are exported as nothing but the head when there are none', async () => {
    const headers = { authorization: `Bearer ${fixture.tokenFor(ADMIN.id, ['admin'])}` };
    const url = '/admin/v1/audit-events/export?actor=nobody';
    expect((await fixture.app.inject({ url, headers })).body).toBe('');
  });

  it('are verified', async () => {
    const report = await fixture.call('POST', '/admin/v1/audit-events/verify', {});
    expect(report).toMatchObject({ status: 200, body: { intact: true, findings: [], anchors: 0 } });
    expect(report.body.events).toBeGreaterThan(450);
    const kept = `7.${Buffer.alloc(32).toString('base64url')}`;
    const cut = await fixture.call('POST', '/admin/v1/audit-events/verify', { anchor: kept });
    expect(cut.body).toMatchObject({ intact: false, findings: [{ kind: 'cut', where: 'anchor 7' }] });
    expect(await fixture.call('POST', '/admin/v1/audit-events/verify', { anchor: '7' })).toMatchObject({
      status: 400,
    });
  });

  it('of their own account are for every person, and nobody else’s', async () => {
    const headers = { authorization: `Bearer ${fixture.tokenFor(MEMBER.id, ['account'])}` };
    const answer = await fixture.app.inject({ url: '/account/v1/activity', headers });
    expect(answer.json().items).toEqual([
      {
        id: 'evt_app',
        at: START / 1000,
        type: 'grant.ended',
        outcome: 'success',
        by: 'app',
        client_id: 'app_1',
      },
      {
        id: 'evt_guess',
        at: START / 1000,
        type: 'sign_in',
        outcome: 'failure',
        reason: 'wrong_password',
        by: 'somebody',
      },
      {
        id: 'evt_own',
        at: START / 1000,
        type: 'sign_in',
        outcome: 'success',
        by: 'you',
        address: '192.0.2.2',
      },
      {
        id: 'evt_formula',
        at: START / 1000,
        type: 'client.created',
        outcome: 'success',
        reason: 'unused',
        by: 'somebody',
      },
    ]);
  });
});
