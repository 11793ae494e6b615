/** The master key: given, or a file of mode 0600 in the data directory, made at the first start. */
import type { SealingKey } from '@tessera/tokens';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Config, ConfigError, masterKeyBytes } from '../config.ts';
import type { Random } from '../ports/random.ts';

const FILE_NAME = 'master.key';

/** @returns 32 bytes @throws ConfigError */
function readMasterKey(config: Config, random: Random): Uint8Array {
  if (config.master_key !== undefined) {
    const given = masterKeyBytes(config.master_key);
    if (given === undefined) throw new ConfigError(['master_key is not 32 bytes in base64url.']);
    return given;
  }
  return readOwnMasterKey(config, random);
}

/** The one in the data directory, made where there is none yet. @returns 32 bytes @throws ConfigError */
export function readOwnMasterKey(config: Pick<Config, 'data_dir'>, random: Random): Uint8Array {
  ensureDataDirectory(config.data_dir);
  const kept = keptMasterKey(config);
  if (kept !== undefined) return kept;
  const path = join(config.data_dir, FILE_NAME);
  const made = random(32);
  writeSecretFile(path, `${Buffer.from(made).toString('base64url')}\n`);
  return made;
}

/** The key that seals, and while it is being changed the other one, which opens. @throws ConfigError */
export function readMasterKeys(config: Config, random: Random): SealingKey {
  return withOther(readMasterKey(config, random), config);
}

/** @throws ConfigError */
export function withOther(key: Uint8Array, { other_master_key: text }: Config): SealingKey {
  if (text === undefined) return key;
  const other = masterKeyBytes(text);
  if (other === undefined) throw new ConfigError(['other_master_key is not 32 bytes in base64url.']);
  return [key, other];
}

/** For what makes no sense without the key that was there before. @throws ConfigError */
export function requireMasterKey(config: Config): Uint8Array {
  const key =
    config.master_key === undefined ? keptMasterKey(config) : readMasterKey(config, () => new Uint8Array());
  if (key !== undefined) return key;
  throw new ConfigError([
    `There is no master key. Put ${FILE_NAME} into ${config.data_dir}, or set TESSERA_MASTER_KEY_FILE.`,
  ]);
}

function keptMasterKey(config: Pick<Config, 'data_dir'>): Uint8Array | undefined {
  const path = join(config.data_dir, FILE_NAME);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const kept = masterKeyBytes(text.trim());
  if (kept !== undefined) return kept;
  throw new ConfigError([
    `${path} does not hold a key. Put the right file back, or start with an empty data directory.`,
  ]);
}

/** Makes the directory, for this user alone. @throws ConfigError */
export function ensureDataDirectory(directory: string): void {
  const choose = 'Choose another with --data or TESSERA_DATA_DIR.';
  try {
    makeDirectory(resolve(directory));
  } catch {
    throw new ConfigError([`The data directory ${directory} cannot be made. ${choose}`]);
  }
  try {
    accessSync(join(directory, '.'), constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    throw new ConfigError([`The data directory ${directory} cannot be written. ${choose}`]);
  }
}

/** Parents first, each once: Node's own `recursive` never ends where a file system refuses with ENOENT. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** Writes a file only this user can read, in its own place: never through a link to another. @throws ConfigError */
export function writeSecretFile(path: string, text: string): void {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  try {
    const file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
    try {
      fchmodSync(file, 0o600); // an existing file keeps its mode otherwise
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
  } catch {
    throw new ConfigError([
      `${path} cannot be written. Make the data directory writable or choose another with --data.`,
    ]);
  }
}
