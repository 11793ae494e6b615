import { describe, expect, it } from 'vitest';
import { standardTokenRules, type TokenRules } from '../domain/token-rules.ts';
import { brokenRules, type OwnerRole, type RuledToken } from './personal-token-rules.ts';

const DAY = 24 * 3600 * 1000;
const TOKEN: RuledToken = {
  userId: 'usr_1',
  createdAt: 0,
  expiresAt: 30 * DAY,
  scopes: ['read'],
  approval: 'none',
};
const { expiresAt: _, ...NEVER } = TOKEN;
const API = ['read', 'write'];

const broken = (
  token: RuledToken,
  rules: Partial<TokenRules> = {},
  role: OwnerRole = 'member',
): readonly string[] => brokenRules(token, { ...standardTokenRules('org_1'), ...rules }, API, role);

describe('token rules', () => {
  it.each<[what: string, token: RuledToken, rules: Partial<TokenRules>, codes: readonly string[]]>([
    ['a life a second longer than the longest', { ...TOKEN, expiresAt: 366 * DAY + 1000 }, {}, ['lifetime']],
    [
      'a life longer than the organization allows',
      TOKEN,
      { maxLifetimeSeconds: 30 * 86_400 - 1 },
      ['lifetime'],
    ],
    ['no end, where nothing was said of it', NEVER, {}, ['never_expires']],
    [
      'every scope of the API',
      { ...TOKEN, scopes: ['write', 'read'] },
      { allowFullScope: false },
      ['full_scope'],
    ],
    ['a role that is not enough', TOKEN, { whoMayCreate: 'developers' }, ['creator']],
    ['anybody, where nobody may', TOKEN, { whoMayCreate: 'nobody' }, ['creator']],
    ['no approval', TOKEN, { approvalRequired: true }, ['approval']],
    [
      'an approval that has not come',
      { ...TOKEN, approval: 'pending' },
      { approvalRequired: true },
      ['approval'],
    ],
    [
      'everything at once',
      { ...NEVER, scopes: API },
      { allowFullScope: false, whoMayCreate: 'admins', approvalRequired: true },
      ['creator', 'never_expires', 'full_scope', 'approval'],
    ],
  ])('are broken by %s', (_what, token, rules, codes) => {
    expect(broken(token, rules)).toEqual(codes);
    expect(broken(token, { ...rules, exemptUserIds: ['usr_2'] })).toEqual(codes);
    expect(broken(token, { ...rules, exemptUserIds: ['usr_1'] })).toEqual([]);
  });

  it('let a token live as long as they say, to the millisecond', () => {
    expect(broken({ ...TOKEN, expiresAt: 366 * DAY })).toEqual([]);
    expect(broken(NEVER, { allowNeverExpiring: true })).toEqual([]);
  });

  it.each<[least: TokenRules['whoMayCreate'], may: readonly OwnerRole[]]>([
    ['everyone', ['owner', 'admin', 'developer', 'member', 'none']],
    ['developers', ['owner', 'admin', 'developer']],
    ['admins', ['owner', 'admin']],
    ['nobody', []],
  ])('of %s let these make tokens: %s', (whoMayCreate, may) => {
    const roles: readonly OwnerRole[] = ['owner', 'admin', 'developer', 'member', 'none'];
    expect(roles.filter((role) => broken(TOKEN, { whoMayCreate }, role).length === 0)).toEqual(may);
  });

  it('do not take the one scope of an API for all of them', () => {
    const rules = { ...standardTokenRules('org_1'), allowFullScope: false };
    expect(brokenRules(TOKEN, rules, ['read'], 'member')).toEqual([]);
    expect(brokenRules({ ...TOKEN, scopes: [] }, rules, [], 'member')).toEqual([]);
  });
});
