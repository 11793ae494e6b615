/** What can be seen on this machine: who may read the data directory, and whether the command line is signed in. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createApiClient } from '../api-client.ts';
import { CommandError } from '../command-error.ts';
import { dataDirectory, type Environment } from '../server-url.ts';
import { bad, type Finding, good } from './finding.ts';

export async function examineHost(
  environment: Environment,
  server: string | undefined,
): Promise<readonly Finding[]> {
  return [dataFinding(dataDirectory(environment)), await signInFinding(environment, server)];
}

/** Secrets lie here: nobody but the owner may read them. */
function dataFinding(directory: string): Finding {
  const open = readableByOthers(directory);
  if (open === undefined) return good('data directory', `${directory} is not on this machine`);
  if (open.length === 0) return good('data directory', `${directory} is for its owner alone`);
  return bad('data directory', `others may read ${open.join(', ')}`, `Run \`chmod -R go= ${directory}\`.`);
}

function isOpen(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0;
}

function readableByOthers(directory: string): readonly string[] | undefined {
  try {
    // Files in a directory that only its owner may enter are safe whatever their own modes are.
    if (!isOpen(directory)) return [];
    return [
      directory,
      ...readdirSync(directory)
        .map((name) => join(directory, name))
        .filter(isOpen),
    ];
  } catch {
    return undefined;
  }
}

async function signInFinding(environment: Environment, server: string | undefined): Promise<Finding> {
  try {
    const api = await createApiClient({ ...(server !== undefined && { server }) }, environment);
    const profile = await api.get('/account/v1/profile');
    const { source } = api.signedIn;
    if (profile['role'] === 'admin')
      return good('sign-in', `${String(profile['email'])}, administrator, by ${source}`);
    return bad(
      'sign-in',
      `${String(profile['email'])} is no administrator`,
      'Sign in as one: `tessera login`.',
    );
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return bad('sign-in', error.message, 'Run `tessera login`, or set TESSERA_URL and TESSERA_TOKEN.');
  }
}
