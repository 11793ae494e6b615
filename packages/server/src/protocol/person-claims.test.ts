import { expect, it } from 'vitest';
import type { User } from '../domain/user.ts';
import { personClaims } from './person-claims.ts';

const ada: User = {
  id: 'usr_1',
  email: 'ada@example.test',
  emailVerified: true,
  displayName: 'Ada Lovelace',
  role: 'member',
  status: 'active',
  organizationId: 'org_1',
  claims: { given_name: 'Ada', phone_number: '+44 20 7946 0000', address: { locality: 'London' } },
  createdAt: 0,
  updatedAt: 1_790_000_000_999,
};

it.each([
  ['openid alone', ['openid'], {}],
  ['an API scope', ['constructor', 'read'], {}],
  [
    'profile (Core §5.4)',
    ['profile'],
    { name: 'Ada Lovelace', given_name: 'Ada', updated_at: 1_790_000_000 },
  ],
  ['email', ['email'], { email: 'ada@example.test', email_verified: true }],
  ['phone, of which the account has not all', ['phone'], { phone_number: '+44 20 7946 0000' }],
  ['address, an object (Core §5.1.1)', ['address'], { address: { locality: 'London' } }],
])('tells by scope: %s', (_what, scopes, claims) => {
  expect(personClaims(ada, scopes)).toEqual(claims);
});

it('tells what was asked for by name, and no more (Core §5.5)', () => {
  expect(personClaims(ada, ['openid'], ['given_name', 'passwordHash', 'id', 'role'])).toEqual({
    given_name: 'Ada',
  });
});
