import { AUTHENTICATOR_APP_LIMIT, PASSKEY_LIMIT } from '../../domain/second-factor.ts';
import type { AuthenticatorApp, Passkey } from '../../domain/second-factor.ts';
import type {
  AddedFactor,
  FactorChange,
  NewFactorChange,
  RemovedFactor,
  SecondFactors,
} from '../../ports/second-factors.ts';
import { fromJson, present, toFlag, toJson } from '../columns.ts';
import { UniqueViolation } from '../database.ts';
import type { Database } from '../database.ts';
import { change, lastly, lockingStatement, row, statement, step } from '../statement.ts';
import type { Step, Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';
import { judgeUserAnew } from './end-access-tokens.ts';
import { enqueueMail } from './outbox.ts';

interface PasskeyColumns {
  readonly id: string;
  readonly user_id: string;
  readonly credential_id: string;
  readonly public_key: Uint8Array;
  readonly name: string;
  readonly sign_count: number;
  readonly backup_eligible: number;
  readonly backed_up: number;
  readonly transports: string;
  readonly aaguid: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

interface AppColumns {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly sealed_seed: Uint8Array;
  readonly last_step: number;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

const findPasskey = statement('passkey_find', 'SELECT * FROM passkeys WHERE credential_id = $1');
const passkeysOf = statement('passkeys_of', 'SELECT * FROM passkeys WHERE user_id = $1 ORDER BY seq');
const appsOf = statement('otp_apps_of', 'SELECT * FROM authenticator_apps WHERE user_id = $1 ORDER BY seq');
const codesLeft = statement(
  'recovery_codes_left',
  'SELECT count(*) AS amount FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL',
);
const countPasskeys = statement(
  'passkeys_count',
  'SELECT count(*) AS amount FROM passkeys WHERE user_id = $1',
);
const countApps = statement(
  'otp_apps_count',
  'SELECT count(*) AS amount FROM authenticator_apps WHERE user_id = $1',
);
// Changes of one person's factors wait for each other, so that what they count stays true.
const lockPerson = lockingStatement('factors_lock_person', 'SELECT id FROM users WHERE id = $1');
const insertPasskey = statement(
  'passkey_insert',
  `INSERT INTO passkeys (id, user_id, credential_id, public_key, name, sign_count, backup_eligible, backed_up,
     transports, aaguid, created_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
);
const insertApp = statement(
  'otp_app_insert',
  `INSERT INTO authenticator_apps (id, user_id, name, sealed_seed, last_step, created_at)
   VALUES ($1, $2, $3, $4, $5, $6)`,
);
const insertCode = statement(
  'recovery_code_insert',
  'INSERT INTO recovery_codes (user_id, hash, created_at) VALUES ($1, $2, $3)',
);
const renamePasskey = statement(
  'passkey_rename',
  'UPDATE passkeys SET name = $3 WHERE user_id = $1 AND id = $2',
);
const renameApp = statement(
  'otp_app_rename',
  'UPDATE authenticator_apps SET name = $3 WHERE user_id = $1 AND id = $2',
);
const deletePasskey = statement('passkey_delete', 'DELETE FROM passkeys WHERE user_id = $1 AND id = $2');
const deleteApp = statement(
  'otp_app_delete',
  'DELETE FROM authenticator_apps WHERE user_id = $1 AND id = $2',
);
const deletePasskeys = statement('passkeys_delete', 'DELETE FROM passkeys WHERE user_id = $1');
const deleteApps = statement('otp_apps_delete', 'DELETE FROM authenticator_apps WHERE user_id = $1');
const deleteCodes = statement('recovery_codes_delete', 'DELETE FROM recovery_codes WHERE user_id = $1');
const usePasskey = statement(
  'passkey_use',
  `UPDATE passkeys SET sign_count = $2, backed_up = $3, last_used_at = $4
   WHERE id = $1 AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0))`,
);
const useStep = statement(
  'otp_app_use',
  'UPDATE authenticator_apps SET last_step = $2, last_used_at = $3 WHERE id = $1 AND last_step < $2',
);
const useCode = statement(
  'recovery_code_use',
  'UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND hash = $2 AND used_at IS NULL',
);

export function createSecondFactors(database: Database): SecondFactors {
  return { ...reading(database), ...changing(database), ...using(database) };
}

function reading(database: Database): Pick<SecondFactors, 'of' | 'findPasskey'> {
  return {
    async of(userId) {
      const [passkeys, apps, [codes]] = await Promise.all([
        database.find<PasskeyColumns>(passkeysOf, userId),
        database.find<AppColumns>(appsOf, userId),
        database.find<{ readonly amount: number }>(codesLeft, userId),
      ]);
      return {
        passkeys: passkeys.map(toPasskey),
        authenticatorApps: apps.map(toApp),
        recoveryCodesLeft: codes?.amount ?? 0,
      };
    },
    async findPasskey(credentialId) {
      const [found] = await database.find<PasskeyColumns>(findPasskey, credentialId);
      return found === undefined ? undefined : toPasskey(found);
    },
  };
}

type Changing =
  | 'addPasskey'
  | 'addAuthenticatorApp'
  | 'rename'
  | 'remove'
  | 'removeAll'
  | 'replaceRecoveryCodes';

function changing(database: Database): Pick<SecondFactors, Changing> {
  const write = async (verb: () => Verb<AddedFactor>): Promise<AddedFactor> => {
    try {
      return await database.write(verb);
    } catch (error) {
      if (error instanceof UniqueViolation && error.column === 'passkeys.credential_id') return 'taken';
      throw error;
    }
  };
  return {
    addPasskey: (passkey, about) => write(() => add(passkeyRow(passkey), passkey, about)),
    addAuthenticatorApp: (app, about) => write(() => add(appRow(app), app, about)),
    rename: (userId, id, name, audit) =>
      database.write(function* (): Verb<boolean> {
        const passkeys = yield* change(renamePasskey, userId, id, name);
        if (passkeys === 0 && (yield* change(renameApp, userId, id, name)) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),
    remove: (userId, id, keepLast, about) => database.write(() => remove(userId, id, keepLast, about)),
    removeAll: (userId, about) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* row(lockPerson, userId)) === undefined) return false;
        const passkeys = yield* change(deletePasskeys, userId);
        const apps = yield* change(deleteApps, userId);
        const codes = yield* change(deleteCodes, userId);
        if (passkeys + apps + codes === 0) return false;
        yield* lastly(...told(about));
        return true;
      }),
    replaceRecoveryCodes: (userId, hashes, at, about) =>
      database.write(function* (): Verb<boolean> {
        yield* row(lockPerson, userId);
        if ((yield* countFactors(userId)) === 0) return false;
        yield* change(deleteCodes, userId);
        yield* lastly(...hashes.map((hash) => step(insertCode, userId, hash, at)), ...told(about));
        return true;
      }),
  };
}

type Using = 'usePasskey' | 'useTimeStep' | 'useRecoveryCode';

function using(database: Database): Pick<SecondFactors, Using> {
  const wrote = (verb: () => Verb<number>): Promise<boolean> =>
    database.write(function* (): Verb<boolean> {
      return (yield* verb()) === 1;
    });
  return {
    usePasskey: (id, signCount, backedUp, at) =>
      wrote(() => change(usePasskey, id, signCount, toFlag(backedUp), at)),
    useTimeStep: (id, timeStep, at) => wrote(() => change(useStep, id, timeStep, at)),
    useRecoveryCode: (userId, hash, at, about) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(useCode, userId, hash, at)) === 0) return false;
        yield* lastly(...told(about));
        return true;
      }),
  };
}

interface FactorRow {
  readonly insert: Step;
  readonly count: typeof countApps;
  readonly limit: number;
}

function passkeyRow(passkey: Passkey): FactorRow {
  const insert = step(
    insertPasskey,
    passkey.id,
    passkey.userId,
    passkey.credentialId,
    passkey.publicKey,
    passkey.name,
    passkey.signCount,
    toFlag(passkey.backupEligible),
    toFlag(passkey.backedUp),
    toJson(passkey.transports),
    passkey.aaguid,
    passkey.createdAt,
  );
  return { insert, count: countPasskeys, limit: PASSKEY_LIMIT };
}

function appRow({ id, userId, name, sealedSeed, lastStep, createdAt }: AuthenticatorApp): FactorRow {
  const insert = step(insertApp, id, userId, name, sealedSeed, lastStep, createdAt);
  return { insert, count: countApps, limit: AUTHENTICATOR_APP_LIMIT };
}

function* add(
  { insert, count, limit }: FactorRow,
  { userId, createdAt }: { readonly userId: string; readonly createdAt: number },
  about: NewFactorChange,
): Verb<AddedFactor> {
  if ((yield* row(lockPerson, userId)) === undefined) return 'absent';
  if (about.onlyAsFirst === true && (yield* countFactors(userId)) > 0) return 'not_first';
  if ((yield* amount(count, userId)) >= limit) return 'too_many';
  const needsCodes = (yield* amount(codesLeft, userId)) === 0;
  yield* change(insert.statement, ...insert.values);
  const codes = needsCodes ? about.recoveryCodes : [];
  yield* lastly(
    ...codes.map((hash) => step(insertCode, userId, hash, createdAt)),
    ...judgeUserAnew(userId, createdAt),
    ...told(about),
  );
  return codes.length > 0 ? 'added_with_codes' : 'added';
}

function* remove(userId: string, id: string, keepLast: boolean, about: FactorChange): Verb<RemovedFactor> {
  yield* row(lockPerson, userId);
  const before = yield* countFactors(userId);
  const isTheirs = (yield* row(factorOf, userId, id)) !== undefined;
  if (!isTheirs) return 'absent';
  if (before === 1 && keepLast) return 'last';
  yield* lastly(
    step(deletePasskey, userId, id),
    step(deleteApp, userId, id),
    before === 1 ? step(deleteCodes, userId) : undefined,
    ...told(about),
  );
  return 'removed';
}

const factorOf = statement(
  'factor_of',
  `SELECT id FROM passkeys WHERE user_id = $1 AND id = $2
   UNION ALL SELECT id FROM authenticator_apps WHERE user_id = $1 AND id = $2`,
);

function* countFactors(userId: string): Verb<number> {
  return (yield* amount(countPasskeys, userId)) + (yield* amount(countApps, userId));
}

function* amount(count: typeof countApps, userId: string): Verb<number> {
  return (yield* row<{ readonly amount: number }>(count, userId))?.amount ?? 0;
}

function told({ audit, mail }: FactorChange): readonly Step[] {
  return [recordAudit(audit), ...(mail === undefined ? [] : [enqueueMail(mail)])];
}

function toPasskey(columns: PasskeyColumns): Passkey {
  return present({
    id: columns.id,
    userId: columns.user_id,
    credentialId: columns.credential_id,
    publicKey: columns.public_key,
    name: columns.name,
    signCount: columns.sign_count,
    backupEligible: columns.backup_eligible === 1,
    backedUp: columns.backed_up === 1,
    transports: fromJson<string[]>(columns.transports),
    aaguid: columns.aaguid,
    createdAt: columns.created_at,
    lastUsedAt: columns.last_used_at,
  });
}

function toApp(columns: AppColumns): AuthenticatorApp {
  return present({
    id: columns.id,
    userId: columns.user_id,
    name: columns.name,
    sealedSeed: columns.sealed_seed,
    lastStep: columns.last_step,
    createdAt: columns.created_at,
    lastUsedAt: columns.last_used_at,
  });
}
