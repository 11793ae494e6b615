import { createHash, randomBytes } from 'node:crypto';
import { createTokenString, hashTokenString } from '@tessera/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessTokenRow } from '../../domain/access-token.ts';
import type { Grant } from '../../domain/grant.ts';
import { type ApiFixture, createApiFixture, MEMBER } from '../testing/api-fixture.ts';

let fixture: ApiFixture;
const random = (size: number) => randomBytes(size);
const opaque = createTokenString('at', random);
const JTI = 'vQ2Qm1n0Xw';
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = `${part({ alg: 'ES256', typ: 'at+jwt' })}.${part({ jti: JTI, iss: 'x' })}.${'A'.repeat(86)}`;

const GRANT: Grant = {
  id: 'gr_1',
  userId: MEMBER.id,
  clientId: 'billing',
  organizationId: 'org_default',
  scopes: ['read'],
  authTime: 1_800_000_000_000,
  amr: ['pwd'],
  createdAt: 1_800_000_000_000,
};

beforeAll(async () => {
  fixture = await createApiFixture();
  const { now } = fixture.time;
  fixture.time.now = now - 20_000;
  for (const id of ['billing', 'other']) {
    await fixture.call('POST', '/admin/v1/clients', {
      client_id: id,
      client_name: id,
      redirect_uris: ['https://app.example/cb'],
    });
  }
  fixture.time.now = now;
  await fixture.store.grants.authorize({
    grant: GRANT,
    code: {
      hash: hashTokenString('code'),
      grantId: GRANT.id,
      clientId: GRANT.clientId,
      redirectUri: 'https://app.example/cb',
      expiresAt: now + 60_000,
    },
  });
  const hold = (id: Uint8Array, more: Partial<AccessTokenRow>) =>
    fixture.store.accessTokens.issue({
      id,
      format: 'opaque',
      clientId: 'billing',
      scopes: ['read'],
      issuedAt: now - 10_000,
      expiresAt: now + 3_590_000,
      lifetimeReason: 'standard',
      ...more,
    });
  await hold(hashTokenString(opaque), { userId: MEMBER.id, grantId: GRANT.id });
  await hold(hashTokenString(JTI), { format: 'jwt', resourceId: 'res_tessera' });
  await hold(hashTokenString('old'), { expiresAt: now, clientId: 'other' });
});
afterAll(() => fixture.close());

describe('/admin/v1/tokens', () => {
  it.each([
    ['what is no token', 'hello', 400],
    ['a refresh token', createTokenString('rt', random), 400],
    ['a JWT without jti', `${part({ alg: 'ES256' })}.${part({})}.AAAA`, 400],
    ['a token with a typing error', `${opaque.slice(0, -1)}${opaque.endsWith('0') ? '1' : '0'}`, 400],
    ['a token that was never issued', createTokenString('at', random), 404],
  ])('does not revoke %s', async (_name, token, status) => {
    const answer = await fixture.call('POST', '/admin/v1/tokens/revoke', { token });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).not.toContain(token);
  });

  it.each(['x', 'A'.repeat(43), 'A'.repeat(44), `${'A'.repeat(42)}B`])('knows no token id %s', async (id) => {
    expect((await fixture.call('POST', `/admin/v1/tokens/${id}/revoke`)).status).toBe(404);
  });

  it('lists, by client, by person and by what is live', async () => {
    const all = await fixture.call('GET', '/admin/v1/tokens');
    expect(all.body.items.map((item: { status: string }) => item.status)).toEqual([
      'expired',
      'live',
      'live',
    ]);
    const live = await fixture.call('GET', '/admin/v1/tokens?live=true&client_id=billing');
    expect(live.body.items).toHaveLength(2);
    const ofPerson = await fixture.call('GET', `/admin/v1/tokens?user_id=${MEMBER.id}`);
    expect(ofPerson.body.items).toEqual([
      {
        token_id: createHash('sha256').update(opaque).digest('base64url'),
        client_id: 'billing',
        user_id: MEMBER.id,
        grant_id: 'gr_1',
        scopes: ['read'],
        format: 'opaque',
        issued_at: 1_799_999_990,
        expires_at: 1_800_003_590,
        status: 'live',
        lifetime_reason: 'standard',
      },
    ]);
    expect((await fixture.call('GET', '/admin/v1/tokens?live=yes')).status).toBe(400);
  });

  it('revokes by id, and says the same when asked again', async () => {
    const id = Buffer.from(hashTokenString(opaque)).toString('base64url');
    const first = await fixture.call('POST', `/admin/v1/tokens/${id}/revoke`);
    expect(first.body).toMatchObject({ status: 'revoked', revoked_at: 1_800_000_000 });
    fixture.time.now += 5000;
    const second = await fixture.call('POST', `/admin/v1/tokens/${id}/revoke`);
    expect(second.body).toEqual(first.body);
    const events = (await fixture.events(100)).filter((event) => event.type === 'token.revoked');
    expect(events).toMatchObject([{ userId: MEMBER.id, clientId: 'billing', grantId: 'gr_1' }]);
  });

  it('revokes a JWT that was pasted', async () => {
    const answer = await fixture.call('POST', '/admin/v1/tokens/revoke', { token: ` ${jwt}\n` });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: 'revoked', format: 'jwt', resource: 'urn:tessera:api' });
  });
});

describe('/admin/v1/grants and /admin/v1/audit-events', () => {
  it('lists and ends a grant', async () => {
    expect((await fixture.call('DELETE', '/admin/v1/grants/gr_2')).status).toBe(404);
    expect((await fixture.call('DELETE', '/admin/v1/grants/gr_1')).status).toBe(204);
    const listed = await fixture.call('GET', '/admin/v1/grants?client_id=billing');
    expect(listed.body.items).toMatchObject([{ id: 'gr_1', end_reason: 'revoked_by_admin' }]);
    const events = await fixture.call('GET', '/admin/v1/audit-events?type=grant.ended');
    expect(events.body.items).toMatchObject([{ grant_id: 'gr_1', reason: 'revoked_by_admin' }]);
  });
});

describe('/admin/v1/keys', () => {
  it('keeps the only key, and the one that signs until its successor does', async () => {
    const first = await fixture.call('POST', '/admin/v1/keys/rotate', { alg: 'ES256', immediately: true });
    expect(first.body).toMatchObject({ alg: 'ES256', state: 'active', public_jwk: { kty: 'EC' } });
    const retire = (kid: string) => fixture.call('DELETE', `/admin/v1/keys/${kid}`);
    expect((await retire(first.body.kid)).status).toBe(409);
    const second = await fixture.call('POST', '/admin/v1/keys/rotate', { alg: 'ES256' });
    expect(second.body.state).toBe('next');
    expect((await retire(first.body.kid)).status).toBe(409);
    expect((await retire(second.body.kid)).status).toBe(409);
    fixture.time.now += 600_000;
    const listed = await fixture.call('GET', '/admin/v1/keys');
    expect(listed.body.items.map((key: { state: string }) => key.state)).toEqual(['retiring', 'active']);
    expect(JSON.stringify(listed.body)).not.toMatch(/sealed|private/i);
    expect((await retire(first.body.kid)).status).toBe(204);
    expect((await retire(first.body.kid)).status).toBe(404);
  });

  it('knows no other algorithm', async () => {
    expect((await fixture.call('POST', '/admin/v1/keys/rotate', { alg: 'none' })).status).toBe(400);
  });
});
