/**
 * The keys that sign: which one signs now, which are published, how one follows another without a failed verification.
 * @spec RFC 7517 §5, OpenID Connect Core §10.1.1
 */
import {
  createJwtSigner,
  type JwtSigner,
  generateSigningKey,
  importSigningKey,
  open,
  type PublicJwk,
  type Random,
  seal,
  type VerificationKey,
  type SealingKey,
} from '@tessera/tokens';
import type { CborMap } from '@tessera/tokens/cbor';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { SigningAlg } from '../domain/resource.ts';
import type { SigningKey } from '../domain/signing-key.ts';
import type { Clock } from '../ports/clock.ts';
import type { SigningKeys } from '../ports/signing-keys.ts';
import { PUBLISH_AHEAD_MS, RETIRE_AFTER_MS, signsRatherThan } from './key-succession.ts';
import { catMakerFor, load, type LoadedKey } from './loaded-key.ts';

/** How long other nodes' changes may go unseen. */
const REFRESH_MS = 1000;
/** How long those who ask for the keys wait for what other nodes changed. */
const REFRESH_PATIENCE_MS = 500;

/** There is always a key of these. */
const FIRST_ALGS = ['ES256', 'RS256'] as const satisfies readonly SigningAlg[];
type FirstAlg = (typeof FIRST_ALGS)[number];

export interface KeyRing {
  /** Makes the first keys where there are none, and opens what is there. @throws WrongMasterKey */
  prepare(): Promise<void>;
  /** Signs a payload with the key that is active now; `typ` is the JOSE header's. */
  sign(alg: FirstAlg, typ: string, payload: object): string;
  /** The same on another thread, with any algorithm: its first key is made when something is to be signed with it. */
  signElsewhere(alg: SigningAlg, typ: string, payload: object): Promise<string>;
  /** A CWT with ES256, on another thread; `typ` is the whole media type. */
  signCwtElsewhere(typ: string, claims: Readonly<Record<string, unknown>>): Promise<string>;
  /** A CAT with ES256, on another thread. */
  signCatElsewhere(claims: CborMap): Promise<string>;
  /** The name of the key that signs now. */
  activeKid(alg: FirstAlg): string;
  /** A COSE_Sign1 of bytes; `typ` is the media type in its header. */
  signCose(typ: string, payload: Uint8Array): Promise<Uint8Array>;
  /** The published set, as JSON-ready objects; as it was last known where the database does not answer. */
  jwks(): Promise<{ readonly keys: readonly PublicJwk[] }>;
  /** A published key by its id, for the server's own checks. */
  verificationKey(kid: string): VerificationKey | undefined;
  /** Every key that has not retired, oldest first. */
  list(): Promise<readonly SigningKey[]>;
  rotate(alg: SigningAlg, options: KeyRotation): Promise<SigningKey>;
  /** Takes a key out of the published set at once. False if it had left before. */
  retire(kid: string, at: number, audit: AuditEvent): Promise<boolean>;
  /** Takes a key back for good; another signs at once. False if it had left before. */
  revoke(kid: string, at: number, audit: AuditEvent): Promise<boolean>;
  /** Looks for keys that other nodes made; called now and then, never on the token path. */
  refresh(): Promise<void>;
}

export interface KeyRotation {
  /** Signs at once, before every verifier can have fetched it. */
  readonly immediately: boolean;
  readonly audit: AuditEvent;
  /** What writes it; refuses where another node is on duty. */
  readonly through?: Pick<SigningKeys, 'rotate'>;
}

/** The keys in the database were sealed with another master key; the message is for a terminal. */
export class WrongMasterKey extends Error {
  override readonly name = 'WrongMasterKey';
}

export interface KeyRingDependencies {
  readonly signingKeys: SigningKeys;
  /** 32 bytes: what private keys are sealed with. */
  readonly sealingKey: SealingKey;
  readonly clock: Clock;
  readonly random: Random;
}

export function createKeyRing(dependencies: KeyRingDependencies): KeyRing {
  return new StoredKeyRing(dependencies);
}

class StoredKeyRing implements KeyRing {
  readonly #dependencies: KeyRingDependencies;
  #keys: readonly LoadedKey[] = [];
  #loadedAt = Number.NEGATIVE_INFINITY;
  /** Which reading of the keys was begun last, and which one they come from. */
  #asked = 0;
  #answered = 0;
  readonly #making = new Map<SigningAlg, Promise<void>>();

  constructor(dependencies: KeyRingDependencies) {
    this.#dependencies = dependencies;
  }

  async prepare(): Promise<void> {
    await this.refresh();
    for (const alg of FIRST_ALGS) {
      // oxlint-disable-next-line no-await-in-loop -- two, at the first start
      if (this.#activeKey(alg) === undefined) await this.#makeFirst(alg);
    }
    // Opened now rather than with the first token, so that a wrong master key stops the start.
    for (const key of this.#keys) this.#open(key.record);
  }

  sign(alg: FirstAlg, typ: string, payload: object): string {
    return this.#signer(alg, typ).sign(payload);
  }

  signElsewhere(alg: SigningAlg, typ: string, payload: object): Promise<string> {
    if (this.#activeKey(alg) !== undefined) return this.#signer(alg, typ).signElsewhere(payload);
    return this.#makeFirst(alg).then(() => this.#signer(alg, typ).signElsewhere(payload));
  }

  /** Once for all who wait; another node may have been faster. */
  #makeFirst(alg: SigningAlg): Promise<void> {
    const known = this.#making.get(alg);
    if (known !== undefined) return known;
    const making = this.#addFirst(alg).finally(() => this.#making.delete(alg));
    this.#making.set(alg, making);
    return making;
  }

  async #addFirst(alg: SigningAlg): Promise<void> {
    await this.refresh();
    if (this.#activeKey(alg) !== undefined) return;
    await this.#add(alg, this.#dependencies.clock(), undefined, firstKeyEvent(this.#dependencies));
    await this.refresh();
  }

  async signCwtElsewhere(typ: string, claims: Readonly<Record<string, unknown>>): Promise<string> {
    const key = this.#requireActiveKey('ES256');
    let signer = key.cwtSigners.get(typ);
    if (signer === undefined) {
      // Loaded with the first CWT: most servers never make one.
      const { createCwtSigner } = await import('@tessera/tokens/cwt');
      signer = createCwtSigner(this.#open(key.record), typ);
      key.cwtSigners.set(typ, signer);
    }
    return signer.signElsewhere(claims);
  }

  async signCatElsewhere(claims: CborMap): Promise<string> {
    const key = this.#requireActiveKey('ES256');
    key.catMaker ??= await catMakerFor(this.#open(key.record));
    return key.catMaker.createElsewhere(claims);
  }

  activeKid(alg: FirstAlg): string {
    return this.#requireActiveKey(alg).record.kid;
  }

  async signCose(typ: string, payload: Uint8Array): Promise<Uint8Array> {
    const { record } = this.#requireActiveKey('ES256');
    const { coseHeaders, createCoseSigner, kidBytes } = await import('@tessera/tokens/cose');
    const { kid, privateKey } = this.#open(record);
    const signer = createCoseSigner(
      { kid: kidBytes(kid), alg: 'ES256', key: privateKey },
      { tags: 'cose', protectedHeader: new Map([[coseHeaders.typ, typ]]) },
    );
    return signer.signElsewhere(payload);
  }

  #signer(alg: SigningAlg, typ: string): JwtSigner {
    const key = this.#requireActiveKey(alg);
    let signer = key.signers.get(typ);
    if (signer === undefined) {
      signer = createJwtSigner(this.#open(key.record), typ);
      key.signers.set(typ, signer);
    }
    return signer;
  }

  async jwks(): Promise<{ readonly keys: readonly PublicJwk[] }> {
    const now = this.#dependencies.clock();
    // Either way: the clock may have been put back.
    if (Math.abs(now - this.#loadedAt) >= REFRESH_MS) await this.#refreshIfPossible();
    return {
      keys: this.#keys.filter((key) => (key.record.retiresAt ?? Infinity) > now).map((key) => key.publicJwk),
    };
  }

  /** Never rejects, and does not wait for a database that hangs: those who verify need the keys all the same. */
  async #refreshIfPossible(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, REFRESH_PATIENCE_MS);
    });
    await Promise.race([this.refresh().catch(() => undefined), patience]);
    clearTimeout(timer);
  }

  verificationKey(kid: string): VerificationKey | undefined {
    const now = this.#dependencies.clock();
    const found = this.#keys.find((key) => key.record.kid === kid);
    return found !== undefined && (found.record.retiresAt ?? Infinity) > now ? found.verification : undefined;
  }

  async list(): Promise<readonly SigningKey[]> {
    await this.refresh();
    return this.#keys.map((key) => key.record);
  }

  async rotate(alg: SigningAlg, options: KeyRotation): Promise<SigningKey> {
    const { clock } = this.#dependencies;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- again only where another node was faster
      await this.refresh();
      const now = clock();
      const activeFrom = options.immediately ? now : now + PUBLISH_AHEAD_MS;
      const predecessor = this.#newest(alg)?.record;
      // oxlint-disable-next-line no-await-in-loop -- as above
      const key = await this.#add(alg, activeFrom, predecessor, options.audit, options.through);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await this.refresh();
      // The other node's is as good, unless it is announced only: what signs now may have leaked.
      if (!options.immediately || key.activeFrom <= clock()) return key;
    }
  }

  async retire(kid: string, at: number, audit: AuditEvent): Promise<boolean> {
    const retired = await this.#dependencies.signingKeys.retire(kid, at, audit);
    await this.refresh();
    return retired;
  }

  async revoke(kid: string, at: number, audit: AuditEvent): Promise<boolean> {
    await this.refresh();
    const key = this.#keys.find(({ record }) => record.kid === kid);
    if (key === undefined) return false;
    const successor = await this.#make(key.record.alg);
    const revoked = await this.#dependencies.signingKeys.revoke({ kid, at, successor, audit });
    await this.refresh();
    return revoked;
  }

  async refresh(): Promise<void> {
    const { signingKeys, clock } = this.#dependencies;
    const now = clock();
    const asked = ++this.#asked;
    const records = await signingKeys.list(now);
    // Whoever asked later knows better, and was answered first.
    if (asked < this.#answered) return;
    this.#answered = asked;
    const known = new Map(this.#keys.map((key) => [key.record.kid, key]));
    this.#keys = records.map((record) => load(record, known.get(record.kid)));
    this.#loadedAt = now;
  }

  #requireActiveKey(alg: SigningAlg): LoadedKey {
    const key = this.#activeKey(alg);
    if (key === undefined) throw new Error(`No active ${alg} key`);
    return key;
  }

  /** If the others were retired by hand, the one that comes next. */
  #activeKey(alg: SigningAlg): LoadedKey | undefined {
    const now = this.#dependencies.clock();
    let active: LoadedKey | undefined;
    let next: LoadedKey | undefined;
    for (const key of this.#keys) {
      const { record } = key;
      if (record.alg !== alg || (record.retiresAt ?? Infinity) <= now) continue;
      if (record.activeFrom > now) next ??= key;
      else if (active === undefined || signsRatherThan(record, active.record)) active = key;
    }
    return active ?? next;
  }

  #newest(alg: SigningAlg): LoadedKey | undefined {
    return this.#keys.findLast((key) => key.record.alg === alg && key.record.retiresAt === undefined);
  }

  #open(record: SigningKey): ReturnType<typeof importSigningKey> {
    const privateKeyPkcs8 = open(this.#dependencies.sealingKey, record.sealedPrivateKey, record.kid);
    if (privateKeyPkcs8 === undefined) {
      throw new WrongMasterKey(
        'The signing keys cannot be opened with this master key. Start with the one that this database was made with.',
      );
    }
    return importSigningKey({ kid: record.kid, alg: record.alg, privateKeyPkcs8 });
  }

  async #make(alg: SigningAlg): Promise<Omit<SigningKey, 'activeFrom' | 'retiresAt'>> {
    const { sealingKey, clock, random } = this.#dependencies;
    const { kid, publicJwk, privateKeyPkcs8 } = await generateSigningKey(alg);
    const sealedPrivateKey = seal(sealingKey, privateKeyPkcs8, kid, random);
    return { kid, alg, publicJwk: { ...publicJwk }, sealedPrivateKey, createdAt: clock() };
  }

  /** Where another node was faster, its key is as good as ours. */
  async #add(
    alg: SigningAlg,
    activeFrom: number,
    predecessor: SigningKey | undefined,
    audit: AuditEvent,
    through: Pick<SigningKeys, 'rotate'> = this.#dependencies.signingKeys,
  ): Promise<SigningKey> {
    const key: SigningKey = { ...(await this.#make(alg)), activeFrom };
    const added = await through.rotate({
      key,
      ...(predecessor === undefined
        ? {}
        : { predecessor: { kid: predecessor.kid, retiresAt: activeFrom + RETIRE_AFTER_MS } }),
      audit,
    });
    if (added) return key;
    await this.refresh();
    return this.#newest(alg)?.record ?? key;
  }
}

function firstKeyEvent({ clock, random }: KeyRingDependencies): AuditEvent {
  return {
    id: Buffer.from(random(16)).toString('base64url'),
    at: clock(),
    type: 'key.rotated',
    outcome: 'success',
    actor: 'system',
  };
}
