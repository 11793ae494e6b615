/** Access policies in files: YAML, or JSON, which is YAML too. */
import type { Json } from './api-client.ts';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';
import { textFrom } from './standard-input.ts';

/** What the server says of a policy and takes from nobody. */
const SAID_BY_SERVER = ['version', 'created_at', 'updated_at'];
/** What is said when a policy is made, and stays. */
const STAYS = ['id', 'organization_id', 'server_wide'];

/** One policy, from a file or standard input (`-`). */
export async function policyFrom(path: string): Promise<Json> {
  return objectOf(await parsed(path), path);
}

/** Several: a list, or a list under `policies`. */
export async function policiesFrom(path: string): Promise<readonly Json[]> {
  const found = await parsed(path);
  const list = typeof found === 'object' && found !== null && 'policies' in found ? found.policies : found;
  if (!Array.isArray(list)) throw new CommandError(EXIT.usage, `${named(path)} holds no list of policies.`);
  return list.map((each: unknown) => objectOf(each, path));
}

/** As a file has it: what the server alone says is left out. */
export function withoutHistory(policy: Json): Json {
  return Object.fromEntries(Object.entries(policy).filter(([name]) => !SAID_BY_SERVER.includes(name)));
}

/** What can be changed of a policy that is there. */
export function changesOf(policy: Json): Json {
  return Object.fromEntries(Object.entries(withoutHistory(policy)).filter(([name]) => !STAYS.includes(name)));
}

/** What a new policy is made from. */
export function newPolicyOf(policy: Json): Json {
  return Object.fromEntries(Object.entries(withoutHistory(policy)).filter(([name]) => name !== 'id'));
}

function objectOf(value: unknown, path: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CommandError(EXIT.usage, `${named(path)} holds something that is no policy.`);
  }
  return { ...value };
}

async function parsed(path: string): Promise<unknown> {
  const text = await textFrom(path);
  const { parse } = await import('yaml');
  try {
    return parse(text);
  } catch (error) {
    throw new CommandError(EXIT.usage, `${named(path)} holds neither YAML nor JSON.`, { cause: error });
  }
}

function named(path: string): string {
  return path === '-' ? 'Standard input' : path;
}
