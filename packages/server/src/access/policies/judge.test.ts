import { describe, expect, it } from 'vitest';
import type { Policy } from '../../domain/policy.ts';
import type { PersonFacts, PolicyFacts } from './facts.ts';
import { TESSERA_API_IDENTIFIER } from '../../domain/resource.ts';
import { findingOf, isInReach, rulingOf } from './judge.ts';
import { preparePolicy } from './prepare.ts';
import { decidesAlike, reachOfPolicy } from './reach.ts';

const AT = 1_800_000_000_000;
const MFA = 'urn:tessera:acr:mfa';
const PWD = 'urn:tessera:acr:pwd';

const API = { id: 'res_1', organizationId: 'org_1', identifier: 'https://api.example/', builtIn: false };
const ADA: PersonFacts = {
  userId: 'usr_ada',
  acrs: [PWD],
  amr: ['pwd'],
  authTime: AT - 60_000,
  allowedAt: AT - 1,
};
const FACTS: PolicyFacts = {
  client: { id: 'app_1', organizationId: 'org_1' },
  audience: [API.identifier],
  apis: [API],
  scopes: ['read', 'write'],
  person: ADA,
  address: '10.1.2.3',
  binding: 'none',
  at: AT,
};
const { person: _person, ...MACHINE } = FACTS;

function policy(more: Partial<Policy> = {}): Policy {
  return {
    id: 'pol_1',
    organizationId: 'org_1',
    serverWide: false,
    name: 'A policy',
    mode: 'enforce',
    conditions: {},
    outcome: { kind: 'block' },
    version: 1,
    createdAt: AT,
    updatedAt: AT,
    decidesFrom: AT,
    ...more,
  };
}

const judged = (conditions: Policy['conditions'], facts: PolicyFacts = FACTS) =>
  findingOf(preparePolicy(policy({ conditions, outcome: { kind: 'shorten_lifetime', seconds: 60 } })), facts);

describe('what cannot be judged blocks', () => {
  it.each<[string, Policy['conditions'], PolicyFacts?]>([
    ['an unknown condition', { moon: { any_of: ['full'] } }],
    ['a condition of another form', { client: 'app_1' }],
    ['an empty one', { client: {} }],
    ['null', { client: null }],
    ['a member that there is not', { client: { any_of: ['app_1'], most_of: [] } }],
    ['a network that is none', { network: { any_of: ['10.0.0.0/99'] } }],
    ['a request from nowhere', { network: { none_of: ['192.0.2.0/24'] } }, { ...FACTS, address: 'unix' }],
    ['memberships that nobody looked up', { membership: { any_of: [{ organization_id: 'org_1' }] } }],
    ['a risk that nobody looked up', { risk: { at_least: 'low' } }],
    ['the name of a thing of every object', { toString: { any_of: ['x'] } }],
  ])('%s', (_what, conditions, facts = FACTS) => {
    expect(judged(conditions, facts)).toMatchObject({ applies: true, effect: { does: 'block' } });
  });
  it('an outcome that is unknown, or of another form', () => {
    for (const outcome of [{ kind: 'vanish' }, { kind: 'shorten_lifetime' }, { kind: 'step_up' }]) {
      expect(findingOf(preparePolicy(policy({ outcome })), FACTS)).toMatchObject({
        effect: { does: 'block' },
      });
    }
  });
  it('but not a request that another condition says it is not about', () => {
    const finding = judged({ moon: {}, client: { any_of: ['another'] } });
    expect(finding.applies).toBe(false);
    expect(finding.effect).toBeUndefined();
  });
});

describe('conditions', () => {
  const places = [
    { organizationId: 'org_1', userId: ADA.userId, role: 'admin', createdAt: 0, updatedAt: 0 },
  ] as const;
  const known: PolicyFacts = { ...FACTS, person: { ...ADA, memberships: places, risk: 'medium' } };
  it.each<[string, unknown, boolean]>([
    ['client', { any_of: ['app_1', 'app_2'] }, true],
    ['client', { none_of: ['app_1'] }, false],
    ['client', { any_of: ['app_1'], none_of: ['app_1'] }, false],
    ['resource', { any_of: [API.identifier] }, true],
    ['resource', { none_of: [API.identifier] }, false],
    ['scope', { any_of: ['write', 'delete'] }, true],
    ['scope', { none_of: ['write'] }, false],
    ['user', { any_of: ['usr_ada'] }, true],
    ['user', { none_of: ['usr_ada'] }, false],
    ['membership', { any_of: [{ organization_id: 'org_1' }] }, true],
    ['membership', { any_of: [{ organization_id: 'org_1', roles: ['owner'] }] }, false],
    ['membership', { none_of: [{ organization_id: 'org_1', roles: ['admin'] }] }, false],
    ['network', { any_of: ['10.0.0.0/8'] }, true],
    ['network', { none_of: ['10.1.2.3'] }, false],
    ['acr', { any_of: [PWD] }, true],
    ['acr', { none_of: [MFA] }, true],
    ['amr', { any_of: ['otp'] }, false],
    ['sign_in_age', { at_least: 60 }, true],
    ['sign_in_age', { below: 60 }, false],
    ['binding', { any_of: ['none'] }, true],
    ['binding', { none_of: ['none'] }, false],
    ['risk', { at_least: 'medium' }, true],
    ['risk', { at_least: 'high' }, false],
  ])('%s %j: %s', (name, asked, met) => {
    expect(judged({ [name]: asked }, known).conditions).toMatchObject([{ result: met ? 'met' : 'not_met' }]);
  });
  it.each(['::ffff:10.1.2.3', '::FFFF:10.1.2.3', '10.1.2.3'])('%s is in 10.0.0.0/8', (address) => {
    expect(judged({ network: { any_of: ['10.0.0.0/8'] } }, { ...FACTS, address }).applies).toBe(true);
  });
  it('of people are never met by an app that asks for itself', () => {
    for (const [name, asked] of Object.entries({
      user: { none_of: ['usr_ada'] },
      acr: { none_of: [MFA] },
      amr: { none_of: ['otp'] },
      membership: { none_of: [{ organization_id: 'org_1' }] },
      sign_in_age: { below: 60 },
      risk: { at_least: 'low' },
    })) {
      expect([name, judged({ [name]: asked }, MACHINE).applies]).toEqual([name, false]);
    }
  });
});

describe('outcomes', () => {
  const effect = (outcome: Policy['outcome'], facts = FACTS, more: Partial<Policy> = {}) =>
    findingOf(preparePolicy(policy({ outcome, ...more })), facts).effect;
  it('a step-up asks those who have less, and nobody else', () => {
    expect(effect({ kind: 'step_up', acr: MFA })).toMatchObject({ does: 'step_up', acr: MFA });
    expect(effect({ kind: 'step_up', acr: PWD })).toMatchObject({ does: 'nothing' });
    expect(effect({ kind: 'step_up', max_age: 60 })).toMatchObject({ does: 'step_up', maxAgeSeconds: 60 });
    expect(effect({ kind: 'step_up', max_age: 61 })).toMatchObject({ does: 'nothing' });
    expect(effect({ kind: 'step_up', acr: MFA }, MACHINE)).toMatchObject({ does: 'nothing' });
  });
  it('consent is asked for anew of those who agreed before the policy', () => {
    expect(effect({ kind: 'require_consent' })).toMatchObject({ does: 'consent' });
    const since = { decidesFrom: AT - 1 };
    expect(effect({ kind: 'require_consent' }, FACTS, since)).toMatchObject({ does: 'nothing' });
  });
  it('a life is lengthened for APIs of its own organization only', () => {
    const longer = { kind: 'lengthen_lifetime', seconds: 9000 };
    expect(effect(longer)).toMatchObject({ does: 'lengthen', seconds: 9000 });
    expect(effect(longer, FACTS, { organizationId: 'org_2' })).toMatchObject({ does: 'nothing' });
    expect(effect(longer, { ...FACTS, apis: [] })).toMatchObject({ does: 'nothing' });
    expect(effect(longer, FACTS, { organizationId: 'org_2', serverWide: true })).toMatchObject({
      does: 'lengthen',
    });
  });
});

describe('together', () => {
  it('the strictest of each kind counts, and the first that blocks is named', () => {
    const all = [
      { kind: 'shorten_lifetime', seconds: 600 },
      { kind: 'shorten_lifetime', seconds: 60 },
      { kind: 'lengthen_lifetime', seconds: 7200 },
      { kind: 'lengthen_lifetime', seconds: 9000 },
      { kind: 'step_up', max_age: 60 },
      { kind: 'step_up', acr: MFA, max_age: 3600 },
      { kind: 'block' },
      { kind: 'block' },
    ].map((outcome, index) => findingOf(preparePolicy(policy({ id: `pol_${index}`, outcome })), FACTS));
    expect(rulingOf(all)).toMatchObject({
      shorten: { seconds: 60, policyId: 'pol_1' },
      lengthen: { seconds: 9000, policyId: 'pol_3' },
      stepUp: { acrs: [MFA], maxAgeSeconds: 60 },
      blockedBy: { policy: { id: 'pol_6' } },
    });
    expect(rulingOf([])).toEqual({});
  });
});

describe('whose tokens a policy is about', () => {
  it('those of its apps and of its APIs', () => {
    const elsewhere = {
      client: { id: 'x', organizationId: 'org_2' },
      apis: [{ ...API, organizationId: 'org_3' }],
    };
    expect(isInReach(policy(), elsewhere)).toBe(false);
    expect(isInReach(policy(), elsewhere, 'org_1')).toBe(true);
    expect(isInReach(policy({ organizationId: 'org_2' }), elsewhere)).toBe(true);
    expect(isInReach(policy({ organizationId: 'org_3' }), elsewhere)).toBe(true);
    expect(isInReach(policy({ serverWide: true }), elsewhere)).toBe(true);
  });
  it("and of Tessera's own API where it is named", () => {
    const own = { ...FACTS, apis: [{ ...API, builtIn: true }] };
    expect(isInReach(policy({ serverWide: true }), own)).toBe(false);
    const naming = policy({ serverWide: true, conditions: { resource: { any_of: [API.identifier] } } });
    expect(isInReach(naming, own)).toBe(true);
  });
});

describe('which tokens a change concerns', () => {
  const ISSUER = 'https://as.example';
  const apis = new Map([
    [API.identifier, { resourceId: API.id }],
    [TESSERA_API_IDENTIFIER, { resourceId: 'api_tessera' }],
    [ISSUER, {}],
  ]);
  const reach = (more: Partial<Policy>) => reachOfPolicy(policy(more), (identifier) => apis.get(identifier));
  const organizationId = 'org_1';
  it('none of a policy that only reports, or is off', () => {
    expect(reach({ mode: 'off' })).toEqual([]);
    expect(reach({ mode: 'report_only' })).toEqual([]);
  });
  it('those that it names, by the narrowest of its conditions; else all of its organization, or of the server', () => {
    const client = { any_of: ['app_1', 'app_2'] };
    const resource = { any_of: [API.identifier, 'https://gone.example/'] };
    expect(reach({})).toEqual([{ organizationId }]);
    expect(reach({ serverWide: true, conditions: { client: { none_of: ['app_1'] } } })).toEqual([{}]);
    expect(reach({ serverWide: true, conditions: { resource } })).toEqual([{ resourceId: 'res_1' }]);
    expect(reach({ conditions: { resource } })).toEqual([{ resourceId: 'res_1', organizationId }]);
    expect(reach({ conditions: { resource, client } })).toEqual([
      { clientId: 'app_1', organizationId },
      { clientId: 'app_2', organizationId },
    ]);
    expect(reach({ conditions: { client, user: { any_of: ['usr_ada'] } } })).toEqual([
      { userId: 'usr_ada', organizationId },
    ]);
    expect(reach({ conditions: { client: { any_of: 'broken' } } })).toEqual([{ organizationId }]);
  });
  it('all that it may concern, where it names the server itself', () => {
    const conditions = { resource: { any_of: [ISSUER] } };
    expect(reach({ conditions })).toEqual([{ organizationId }]);
    expect(reach({ serverWide: true, conditions })).toEqual([{}]);
  });
  it("and those for Tessera's own API where it is named", () => {
    const conditions = {
      user: { any_of: ['usr_ada'] },
      resource: { any_of: [API.identifier, TESSERA_API_IDENTIFIER] },
    };
    expect(reach({ serverWide: true, conditions })).toEqual([
      { userId: 'usr_ada' },
      { resourceId: 'api_tessera' },
    ]);
  });
  it('and nothing for a new name', () => {
    expect(decidesAlike(policy(), policy({ name: 'Other', version: 2, updatedAt: 1 }))).toBe(true);
    expect(decidesAlike(policy(), policy({ mode: 'off' }))).toBe(false);
    expect(decidesAlike(policy(), policy({ conditions: { risk: { at_least: 'low' } } }))).toBe(false);
  });
});
