/** GET /account/v1/personal-access-token-options: what a form for a new token offers. */
import { type Static, Type } from '../../../schema/type.ts';
import { isOperator } from '../../../access/authority.ts';
import { isCreator } from '../../../access/personal-token-rules.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../../domain/organization.ts';
import { LONGEST_PERSONAL_TOKEN_LIFE_MS } from '../../../domain/personal-access-token.ts';
import type { Resource } from '../../../domain/resource.ts';
import type { User } from '../../../domain/user.ts';
import { usualOrganization } from '../../../protocol/personal-tokens/reachable-apis.ts';
import { type Api, caller } from '../../api.ts';
import { operation } from '../../operation.ts';
import { type PersonalTokenDependencies, TAG } from './own-token.ts';

const OptionSchema = Type.Object(
  {
    resource: Type.String({ description: 'The identifier of the API' }),
    name: Type.String(),
    is_default: Type.Boolean({ description: 'Meant where a token names no API' }),
    organization_id: Type.String({ description: 'The organization that such a token is made in' }),
    scopes: Type.Array(Type.Object({ name: Type.String(), description: Type.String() })),
    max_lifetime: Type.Integer({ description: 'Seconds' }),
    allow_never_expiring: Type.Boolean(),
    allow_full_scope: Type.Boolean(),
    may_create: Type.Boolean({ description: 'Whether your role lets you have such tokens' }),
    approval_required: Type.Boolean({ description: 'Whether somebody has to approve it first' }),
  },
  { title: 'PersonalAccessTokenOption' },
);
const Options = Type.Object(
  { items: Type.Array(OptionSchema, { description: 'Every API that a token of yours may be for' }) },
  { title: 'PersonalAccessTokenOptions' },
);

const PAGE = 200;

export function registerOptions(api: Api, dependencies: PersonalTokenDependencies): void {
  const show = operation({
    operationId: 'listPersonalAccessTokenOptions',
    summary: 'Show for which APIs you may make tokens, and within which rules',
    tag: TAG,
    answers: { 200: { description: 'The APIs, the default one first', schema: Options } },
  });
  api.get('/personal-access-token-options', { schema: show }, async (request) => {
    const person = caller(request);
    const resources = await openTo(person, dependencies);
    const items = await Promise.all(
      resources
        .filter((resource) => !resource.builtIn)
        .map((resource) => optionOf(resource, person, dependencies)),
    );
    return {
      items: items
        .filter((item) => item !== undefined)
        .toSorted((one, other) => Number(other.is_default) - Number(one.is_default)),
    };
  });
}

/** The APIs of the organizations that the person is in, and those that are for everybody. */
async function openTo(
  person: User,
  { resources, memberships }: PersonalTokenDependencies,
): Promise<readonly Resource[]> {
  const own = (await memberships.ofUser(person.id)).map(({ organizationId }) => organizationId);
  const organizationIds = [DEFAULT_ORGANIZATION_ID, person.organizationId, ...own];
  const filter = isOperator(person) ? {} : { organizationIds };
  const found: Resource[] = [];
  let cursor: string | undefined;
  do {
    // oxlint-disable-next-line no-await-in-loop -- one page names the next
    const page = await resources.list(filter, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found;
}

/** The rules of both organizations at once: what neither forbids. */
async function optionOf(
  resource: Resource,
  person: User,
  { tokenRules, roleIn, mayDecide }: PersonalTokenDependencies,
): Promise<Static<typeof OptionSchema> | undefined> {
  const organizationId = usualOrganization(resource, person);
  if ((await roleIn(person, organizationId)) === 'none') return undefined;
  const organizations = [...new Set([organizationId, resource.organizationId])];
  const all = await Promise.all(
    organizations.map(async (id) => {
      const rules = await tokenRules.of(id);
      const role = await roleIn(person, id);
      const decides = await mayDecide(person, id);
      return { rules, role, decides, exempt: rules.exemptUserIds.includes(person.id) };
    }),
  );
  const binding = all.filter(({ exempt }) => !exempt);
  return {
    resource: resource.identifier,
    name: resource.name,
    is_default: resource.isDefault,
    organization_id: organizationId,
    scopes: resource.scopes.map(({ name, description }) => ({ name, description })),
    max_lifetime: Math.min(
      LONGEST_PERSONAL_TOKEN_LIFE_MS / 1000,
      ...binding.map(({ rules }) => rules.maxLifetimeSeconds),
    ),
    allow_never_expiring: binding.every(({ rules }) => rules.allowNeverExpiring),
    allow_full_scope: binding.every(({ rules }) => rules.allowFullScope),
    may_create: binding.every(({ rules, role }) => isCreator(rules.whoMayCreate, role)),
    approval_required: binding.some(({ rules, decides }) => rules.approvalRequired && !decides),
  };
}
