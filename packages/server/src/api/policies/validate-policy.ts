/** What is wrong with a policy whose form is right: names that nothing has here would never be met, or always. */
import { networkRefusal } from '../../access/policies/conditions/network.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Resources } from '../../ports/resources.ts';
import { ACR_VALUES } from '../../protocol/acr.ts';
import type { ProblemPointer } from '../problem.ts';

export interface PolicyJudges {
  readonly issuer: string;
  /** Those that the caller may see. */
  readonly clients: Pick<Clients, 'find'>;
  readonly resources: Pick<Resources, 'findByIdentifier'>;
}

type Check = (name: string) => string | undefined | Promise<string | undefined>;

export async function validatePolicy(
  { conditions, outcome }: Pick<Policy, 'conditions' | 'outcome'>,
  { issuer, clients, resources }: PolicyJudges,
): Promise<readonly ProblemPointer[]> {
  const checks: Readonly<Record<string, Check>> = {
    network: networkRefusal,
    acr: acrRefusal,
    // An app that is known by its document may be here tomorrow.
    client: async (id) =>
      id.startsWith('https://') || (await clients.find(id)) !== undefined ? undefined : 'no app has this id',
    resource: async (identifier) =>
      identifier === issuer || (await resources.findByIdentifier(identifier)) !== undefined
        ? undefined
        : 'no API has this identifier',
  };
  const named = Object.entries(checks).flatMap(([condition, check]) =>
    namesIn(conditions[condition]).map(({ at, name }) => ({
      pointer: `/conditions/${condition}/${at}`,
      name,
      check,
    })),
  );
  const problems = await Promise.all(
    named.map(async ({ pointer, name, check }) => ({ pointer, detail: await check(name) })),
  );
  const { acr } = outcome;
  const wrongAcr = typeof acr === 'string' ? acrRefusal(acr) : undefined;
  return [
    ...problems.flatMap(({ pointer, detail }) => (detail === undefined ? [] : [{ pointer, detail }])),
    ...(wrongAcr === undefined ? [] : [{ pointer: '/outcome/acr', detail: wrongAcr }]),
  ];
}

function acrRefusal(acr: string): string | undefined {
  return ACR_VALUES.includes(acr) ? undefined : `must be one of ${ACR_VALUES.join(', ')}`;
}

function namesIn(asked: unknown): readonly { readonly at: string; readonly name: string }[] {
  if (typeof asked !== 'object' || asked === null) return [];
  return Object.entries(asked).flatMap(([member, names]: readonly [string, unknown]) =>
    Array.isArray(names)
      ? names.flatMap((name: unknown, index) =>
          typeof name === 'string' ? [{ at: `${member}/${index}`, name }] : [],
        )
      : [],
  );
}
