import { describe, expect, it } from 'vitest';
import { type Membership, ORGANIZATION_ROLES, type OrganizationRole } from '../domain/membership.ts';
import {
  type Action,
  ACTIONS,
  type Authorized,
  isOperator,
  may,
  organizationsOf,
  roleMay,
} from './authority.ts';

const BOB: Authorized = { id: 'usr_bob', role: 'member', status: 'active', organizationId: 'org_bob' };
const OPERATOR: Authorized = { ...BOB, id: 'usr_op', role: 'admin', organizationId: 'org_op' };

const as = (role: OrganizationRole, more: Partial<Membership> = {}): Membership => ({
  organizationId: 'org_team',
  userId: BOB.id,
  role,
  createdAt: 0,
  updatedAt: 0,
  ...more,
});

describe('nobody may', () => {
  it('without a membership', () => {
    for (const action of ACTIONS) expect(may(BOB, [], action, 'org_team')).toBe(false);
  });
  it('by a membership in another organization, or of another person', () => {
    const others = [as('owner', { organizationId: 'org_other' }), as('owner', { userId: 'usr_eve' })];
    for (const action of ACTIONS) expect(may(BOB, others, action, 'org_team')).toBe(false);
  });
  it('with a closed account, not even an operator', () => {
    const closed = { ...OPERATOR, status: 'disabled' } as const;
    expect(isOperator(closed)).toBe(false);
    expect(may(closed, [], 'client.read', 'org_team')).toBe(false);
    expect(may({ ...BOB, status: 'disabled' }, [as('owner')], 'client.read', 'org_team')).toBe(false);
    expect(may({ ...BOB, status: 'disabled' }, [], 'client.read', 'org_bob')).toBe(false);
  });
  it('by a role or for an action that there is not', () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a database could hold one day
    const unknown = 'superuser' as OrganizationRole;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    const anything = 'toString' as Action;
    expect(may(BOB, [as(unknown)], 'organization.read', 'org_team')).toBe(false);
    expect(may(BOB, [as('owner')], anything, 'org_team')).toBe(false);
  });
  it('somebody else in a personal organization, whatever a row says', () => {
    for (const action of ACTIONS) expect(may(BOB, [], action, 'org_eve')).toBe(false);
  });
});

describe('by role', () => {
  it('whoever stands higher may all that those below may', () => {
    for (const action of ACTIONS) {
      const allowed = ORGANIZATION_ROLES.map((role) => roleMay(role, action));
      expect(allowed).toEqual(allowed.toSorted((one, other) => Number(other) - Number(one)));
    }
  });
  it.each([
    ['member', 'client.read', true],
    ['member', 'client.manage', false],
    ['member', 'token.read', false],
    ['developer', 'client.manage', true],
    ['developer', 'member.manage', false],
    ['developer', 'grant.read', false],
    ['admin', 'member.manage', true],
    ['admin', 'owner.manage', false],
    ['admin', 'organization.delete', false],
    ['owner', 'owner.manage', true],
    ['owner', 'organization.delete', true],
  ] as const)('%s, %s: %s', (role, action, allowed) => {
    expect(may(BOB, [as(role)], action, 'org_team')).toBe(allowed);
  });
  it('an owner may everything that there is, and an operator too', () => {
    for (const action of ACTIONS) {
      expect(may(BOB, [as('owner')], action, 'org_team')).toBe(true);
      expect(may(OPERATOR, [], action, 'org_team')).toBe(true);
    }
  });
});

describe('in the personal organization', () => {
  it('its person has apps, and nothing that needs others', () => {
    expect(may(BOB, [], 'client.manage', 'org_bob')).toBe(true);
    for (const action of [
      'member.manage',
      'invitation.manage',
      'organization.delete',
      'resource.manage',
    ] as const)
      expect(may(BOB, [], action, 'org_bob')).toBe(false);
  });
});

describe('for lists', () => {
  it('the organizations in which the person may, each once', () => {
    const memberships = [as('member'), as('admin', { organizationId: 'org_two' })];
    expect(organizationsOf(BOB, memberships, 'client.read')).toEqual(['org_bob', 'org_team', 'org_two']);
    expect(organizationsOf(BOB, memberships, 'member.manage')).toEqual(['org_two']);
    expect(organizationsOf(OPERATOR, [], 'client.read')).toBe('every');
  });
});
