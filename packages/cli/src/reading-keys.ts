/**
 * Keys from files: JWK, JWK set, PEM, or the secret of a Common Access Token as hexadecimal digits or base64url. Whose
 * key it is decides what it is good for; the token never does.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { importPublicJwk, type VerificationKey } from '@tessera/tokens';
import { type CoseKey, createMacKey, importJwkForCose, kidBytes } from '@tessera/tokens/cose';
import { type Command, Option } from 'commander';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';
import { readJson, sendRequest } from './http.ts';
import { safeUrl } from './server-url.ts';
import { textOfFile } from './standard-input.ts';

export interface KeyOptions {
  readonly key?: string;
  readonly kid?: string;
  readonly jwks?: string;
}

export interface Keys {
  /** For JWTs and CWTs. */
  readonly signature: readonly VerificationKey[];
  /** For Common Access Tokens; private ones sign, too. */
  readonly cose: readonly CoseKey[];
}

/** Adds the options that `readKeys` reads. */
export function withKeys(command: Command): Command {
  return command
    .addOption(
      new Option('--key <file>', 'a key: JWK, PEM, or a secret as hex or base64url').conflicts('jwks'),
    )
    .option('--kid <kid>', 'the name of that key, where the file has none')
    .option('--jwks <file or url>', 'the keys: a JWK set');
}

/** @returns undefined where no keys are named @throws CommandError for what holds none */
export async function readKeys({ key, kid, jwks }: KeyOptions): Promise<Keys | undefined> {
  if (key !== undefined) return keysIn(textOfFile(key).trim(), kid, key);
  if (jwks === undefined) return undefined;
  if (!/^https?:\/\//.test(jwks)) return keysOfSet(parsed(textOfFile(jwks)), jwks);
  const response = await sendRequest(safeUrl(jwks), {});
  return keysOfSet(await readJson(response), jwks);
}

function keysIn(text: string, kid: string | undefined, where: string): Keys {
  if (text.startsWith('-----BEGIN')) return keysOfPem(text, kid, where);
  if (text.startsWith('{')) {
    const json = parsed(text);
    return Array.isArray(Object(json).keys) ? keysOfSet(json, where) : keysOfJwks([named(json, kid)], where);
  }
  return { signature: [], cose: [secretKey(text, kid, where)] };
}

function named(jwk: unknown, kid: string | undefined): unknown {
  return kid === undefined ? jwk : { kid, ...Object(jwk) };
}

function keysOfSet(set: unknown, where: string): Keys {
  const { keys } = Object(set);
  if (!Array.isArray(keys)) throw noKey(where);
  return keysOfJwks(keys, where);
}

function keysOfJwks(jwks: readonly unknown[], where: string): Keys {
  const signature = jwks.map((jwk) => importPublicJwk(withoutPrivate(jwk)));
  const cose = jwks.map((jwk) => privateCoseKey(jwk) ?? importJwkForCose(jwk));
  const keys = { signature: signature.filter(isThere), cose: cose.filter(isThere) };
  if (keys.signature.length + keys.cose.length === 0) throw noKey(where);
  return keys;
}

function isThere<Key>(key: Key | undefined): key is Key {
  return key !== undefined;
}

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];

/** The public half; a key operation of a private key is none of it. */
function withoutPrivate(jwk: unknown): unknown {
  const members: readonly (readonly [string, unknown])[] = Object.entries(Object(jwk));
  const isPrivate = members.some(([name]) => PRIVATE_MEMBERS.includes(name));
  const left = members.filter(
    ([name]) => !PRIVATE_MEMBERS.includes(name) && !(isPrivate && name === 'key_ops'),
  );
  return Object.fromEntries(left);
}

/** A private JWK, to make tokens with. */
function privateCoseKey(jwk: unknown): CoseKey | undefined {
  const { d, kid } = Object(jwk);
  const found = d === undefined ? undefined : importJwkForCose(withoutPrivate(jwk));
  if (found === undefined) return undefined;
  try {
    return {
      kid: kidBytes(typeof kid === 'string' ? kid : undefined),
      alg: found.alg,
      key: createPrivateKey({ key: { ...Object(jwk) }, format: 'jwk' }),
    };
  } catch {
    return undefined;
  }
}

function keysOfPem(text: string, kid: string | undefined, where: string): Keys {
  const isPrivate = /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text);
  let key: KeyObject;
  try {
    key = isPrivate ? createPrivateKey(text) : createPublicKey(text);
  } catch (error) {
    throw new CommandError(EXIT.usage, `${where} holds no key that can be read.`, { cause: error });
  }
  const jwk = { ...(isPrivate ? createPublicKey(key) : key).export({ format: 'jwk' }), ...(kid && { kid }) };
  // An RSA key does not say what it is for: whichever of the two a token asks for.
  const algs = jwk.kty === 'RSA' ? [{ alg: 'PS256' }, { alg: 'RS256' }] : [{}];
  const found = keysOfJwks(
    algs.map((alg) => ({ ...jwk, ...alg })),
    where,
  );
  return isPrivate ? { ...found, cose: found.cose.map((each) => ({ ...each, key })) } : found;
}

const HEX = /^(?:[0-9a-f]{2})+$/i;

function secretKey(text: string, kid: string | undefined, where: string): CoseKey {
  const secret = Buffer.from(text, HEX.test(text) ? 'hex' : 'base64url');
  try {
    return createMacKey({ secret: new Uint8Array(secret), ...(kid !== undefined && { kid }) });
  } catch (error) {
    throw new CommandError(
      EXIT.usage,
      `${where} holds no key: a secret has 32 to 1024 bytes, written as hexadecimal digits or base64url.`,
      { cause: error },
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noKey(where: string): CommandError {
  return new CommandError(
    EXIT.usage,
    `${where} holds no key that can be used: ES256, PS256, RS256, EdDSA, or a secret for HS256.`,
  );
}
