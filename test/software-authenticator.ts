// An authenticator for tests: answers what a page asks a browser for, the way navigator.credentials would.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { encodeCbor } from '@tessera/tokens/cbor';
import { findForm, type NoScriptBrowser, type Visit } from './no-script-browser.ts';
import { decodeEntities } from './html-form.ts';

interface Credential {
  readonly id: Buffer;
  readonly privateKey: KeyObject;
  readonly rpId: string;
  readonly userHandle: string;
}

/** What may go wrong, or be different, in an answer. */
export interface AnswerDetails {
  readonly origin?: string;
  readonly challenge?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly signCount?: number;
  readonly backedUp?: boolean;
  readonly userHandle?: string | undefined;
  /** Signs with another key. */
  readonly wrongKey?: boolean;
}

export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
}

export interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
  readonly allowCredentials: readonly { readonly id: string }[];
}

const FLAGS = { present: 0x01, verified: 0x04, backupEligible: 0x08, backedUp: 0x10, attested: 0x40 };

export class SoftwareAuthenticator {
  readonly origin: string;
  /** Whether its keys may be copied to other devices. */
  readonly backupEligible: boolean;
  credential: Credential | undefined;
  signCount: number;

  constructor(origin: string, { backupEligible = true, signCount = 0 } = {}) {
    this.origin = origin;
    this.backupEligible = backupEligible;
    this.signCount = signCount;
  }

  /** As `navigator.credentials.create`, as JSON. */
  create(options: CreationOptions, details: AnswerDetails = {}): string {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const id = randomBytes(32);
    this.credential = { id, privateKey, rpId: options.rp.id, userHandle: options.user.id };
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const coseKey = encodeCbor(
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
        [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
      ]),
    );
    const length = Buffer.from([0, id.length]);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey]);
    const authData = this.#authenticatorData(options.rp.id, FLAGS.attested, details, attested);
    const attestationObject = encodeCbor(
      new Map<string, string | Uint8Array | Map<string, string>>([
        ['fmt', 'none'],
        ['attStmt', new Map<string, string>()],
        ['authData', new Uint8Array(authData)],
      ]),
    );
    return this.#answer({
      clientDataJSON: this.#clientData('webauthn.create', options.challenge, details).toString('base64url'),
      attestationObject: Buffer.from(attestationObject).toString('base64url'),
      transports: ['internal', 'hybrid'],
    });
  }

  /** As `navigator.credentials.get`, as JSON. */
  get(options: Pick<RequestOptions, 'challenge' | 'rpId'>, details: AnswerDetails = {}): string {
    const { privateKey, userHandle } = this.#known();
    const clientData = this.#clientData('webauthn.get', options.challenge, details);
    this.signCount = details.signCount ?? (this.signCount === 0 ? 0 : this.signCount + 1);
    const authData = this.#authenticatorData(options.rpId, 0, details);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    const key =
      details.wrongKey === true ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : privateKey;
    const handle = 'userHandle' in details ? details.userHandle : userHandle;
    return this.#answer({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, key).toString('base64url'),
      ...(handle === undefined ? {} : { userHandle: handle }),
    });
  }

  #known(): Credential {
    if (this.credential === undefined) throw new Error('This authenticator has made no passkey yet');
    return this.credential;
  }

  #answer(response: object): string {
    const id = this.#known().id.toString('base64url');
    return JSON.stringify({ id, rawId: id, type: 'public-key', response, clientExtensionResults: {} });
  }

  #clientData(type: string, challenge: string, details: AnswerDetails): Buffer {
    const { origin = this.origin, crossOrigin = false } = details;
    return Buffer.from(
      JSON.stringify({
        type: details.type ?? type,
        challenge: details.challenge ?? challenge,
        origin,
        crossOrigin,
      }),
    );
  }

  #authenticatorData(rpId: string, more: number, details: AnswerDetails, attested = Buffer.alloc(0)): Buffer {
    const { userPresent = true, userVerified = true, backedUp = this.backupEligible } = details;
    const flags =
      more |
      (userPresent ? FLAGS.present : 0) |
      (userVerified ? FLAGS.verified : 0) |
      (this.backupEligible ? FLAGS.backupEligible : 0) |
      (backedUp ? FLAGS.backedUp : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(details.signCount ?? this.signCount);
    const rpIdHash = createHash('sha256')
      .update(details.rpId ?? rpId)
      .digest();
    return Buffer.concat([rpIdHash, Buffer.from([flags]), count, attested]);
  }
}

/** What the page asks a browser for. */
export function askedBy(visit: Visit): CreationOptions & RequestOptions {
  const [, options] = /data-options="([^"]*)"/.exec(visit.page) ?? [];
  if (options === undefined) throw new Error('The page asks for no passkey');
  return JSON.parse(decodeEntities(options)) as CreationOptions & RequestOptions;
}

/** Presses the page's passkey button, and lets the authenticator answer. */
export function submitPasskey(
  browser: NoScriptBrowser,
  visit: Visit,
  authenticator: SoftwareAuthenticator,
  details: AnswerDetails = {},
): Promise<Visit> {
  const form = findForm(visit.page, ['passkey', 'asked']);
  const kind = /data-passkey="([a-z]+)"/.exec(visit.page)?.[1];
  const passkey =
    kind === 'create'
      ? authenticator.create(askedBy(visit), details)
      : authenticator.get(askedBy(visit), details);
  return browser.post(new URL(form.action, visit.url).href, { ...form.fields, passkey });
}
