// Apps that get tokens and APIs that check them, while keys follow one another.
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { setImmediate as next } from 'node:timers/promises';
import type { StoreKind } from '../../../test/harness.ts';
import { adminToken, callApi } from '../../../test/admin-calls.ts';
import { startTestServer, type TestServer } from '../../../test/harness.ts';
import { type Dice, pick } from '../../../test/mutations.ts';
import { requestToken, tokensOf } from '../../../test/oauth-calls.ts';
import { KeyHistory } from './key-history.ts';
import { type ApiVerifier, CACHE_MS, verifiersOf } from './verifiers.ts';

/** One API for each kind of key; one takes tokens that live as long as a token can. */
const APIS = [
  { identifier: 'https://day.example/', signingAlg: 'ES256', accessTokenLifetime: 86_400 },
  { identifier: 'https://hour.example/', signingAlg: 'EdDSA', accessTokenLifetime: 3600 },
] as const;

export type Alg = (typeof APIS)[number]['signingAlg'];
export const ALGS: readonly Alg[] = APIS.map(({ signingAlg }) => signingAlg);

/** Of each key so many tokens are kept, and checked until they end. */
const KEPT_OF_A_KEY = 2;

export interface HeldToken {
  readonly value: string;
  readonly kid: string;
  /** Milliseconds. */
  readonly endsAt: number;
}

interface Api {
  readonly identifier: string;
  readonly verifiers: readonly ApiVerifier[];
  /** By key, the newest last. */
  readonly held: Map<string, HeldToken[]>;
}

export class RotationWorld {
  readonly server: TestServer;
  readonly history: KeyHistory;
  readonly #apis: ReadonlyMap<Alg, Api>;
  readonly #dice: Dice;
  issued = 0;
  verified = 0;

  private constructor(server: TestServer, apis: ReadonlyMap<Alg, Api>, dice: Dice) {
    this.server = server;
    this.#apis = apis;
    this.#dice = dice;
    this.history = new KeyHistory(server.nodes.length, CACHE_MS);
  }

  static async open(store: StoreKind, dice: Dice): Promise<RotationWorld> {
    const server = await startTestServer({ store, config: { log_level: 'error' } });
    if (store === 'postgres') await server.addNode();
    const client = await server.registerClient({ id: 'api', redirectUris: [], grantTypes: [] });
    const apis = new Map<Alg, Api>();
    for (const { identifier, ...about } of APIS) {
      // oxlint-disable-next-line no-await-in-loop -- two
      await server.registerResource({ identifier, ...about, resourceServers: [client.id] });
      // Each looks at one node, whichever signs.
      const base = server.nodes[apis.size % server.nodes.length] ?? '';
      const { issuer, clock } = server;
      const world = { issuer, audience: identifier, base, client, clock: clock.now };
      apis.set(about.signingAlg, { identifier, verifiers: verifiersOf(world), held: new Map() });
    }
    const world = new RotationWorld(server, apis, dice);
    for (const alg of ALGS) {
      // oxlint-disable-next-line no-await-in-loop -- two: the first key of each is made with the first token
      const { kid } = await world.#obtain(world.#api(alg).identifier);
      world.history.hurry(kid);
    }
    return world;
  }

  /**
   * Gets a token for each API and checks it, and everything that is held besides, everywhere; in half of the cases the
   * clock moves meanwhile.
   * @param stepMs how far the clock moves
   * @returns what is wrong, in words
   */
  async beat(stepMs: number): Promise<readonly string[]> {
    const { clock } = this.server;
    const working = Promise.all([this.#look(), ...ALGS.map((alg) => this.#use(alg))]);
    if (this.#dice(2) === 0) {
      await next();
      clock.advance(stepMs);
      return (await working).flat();
    }
    const wrong = (await working).flat();
    clock.advance(stepMs);
    return wrong;
  }

  /** @returns when it begins to sign, in milliseconds */
  async rotate(alg: Alg, more: { readonly immediately?: true } = {}): Promise<{ kid: string; from: number }> {
    const { body, text } = await this.#administer('/admin/v1/keys/rotate', { alg, ...more });
    const { kid, active_from: from } = body;
    if (typeof kid !== 'string' || typeof from !== 'number') throw new Error(`no key: ${text}`);
    return { kid, from: from * 1000 };
  }

  async revoke(kid: string): Promise<void> {
    const { status, text } = await this.#administer(`/admin/v1/keys/${kid}/revoke`, {});
    if (status !== 200) throw new Error(`not revoked: ${text}`);
  }

  /** @param node any unless given */
  async newToken(alg: Alg, node?: string): Promise<HeldToken> {
    return this.#obtain(this.#api(alg).identifier, node);
  }

  verifiersOf(alg: Alg): readonly ApiVerifier[] {
    return this.#api(alg).verifiers;
  }

  /** What is held of a key, which is held no longer. */
  letGo(alg: Alg, kid: string): readonly HeldToken[] {
    const { held } = this.#api(alg);
    const gone = held.get(kid) ?? [];
    held.delete(kid);
    return gone;
  }

  async close(): Promise<void> {
    for (const { verifiers } of this.#apis.values()) for (const verifier of verifiers) verifier.close();
    await this.server.close();
  }

  #api(alg: Alg): Api {
    const found = this.#apis.get(alg);
    if (found === undefined) throw new Error(`no API takes ${alg}`);
    return found;
  }

  async #administer(path: string, body: object): ReturnType<typeof callApi> {
    const base = pick(this.server.nodes, this.#dice);
    return callApi({ ...this.server, base }, await adminToken(this.server), 'POST', path, body);
  }

  /** What each node publishes now. */
  async #look(): Promise<readonly string[]> {
    const looked = this.server.nodes.map(async (node) => {
      const answer = await fetch(`${node}/.well-known/jwks.json`);
      const { keys } = (await answer.json()) as { readonly keys: readonly { readonly kid: string }[] };
      return this.history.published({ node, at: this.server.clock.now(), kids: keys.map(({ kid }) => kid) });
    });
    return (await Promise.all(looked)).flat();
  }

  async #use(alg: Alg): Promise<readonly string[]> {
    const { identifier, verifiers, held } = this.#api(alg);
    const fresh = await this.#obtain(identifier);
    const ofItsKey = [...(held.get(fresh.kid) ?? []), fresh].slice(-KEPT_OF_A_KEY);
    held.set(fresh.kid, ofItsKey);
    const wrong = [...this.history.signed(fresh.kid, { at: issuedAt(fresh.value), endsAt: fresh.endsAt })];
    const tokens = [...held.values()].flat();
    const refused = await Promise.all(verifiers.map((verifier) => this.#verifyAll(verifier, tokens)));
    for (const [kid, [...ofKey]] of held) if (ofKey.every((token) => this.#isOver(token))) held.delete(kid);
    return [...wrong, ...refused.flat()];
  }

  /** One after the other, as requests come to one API. */
  async #verifyAll(verifier: ApiVerifier, tokens: readonly HeldToken[]): Promise<readonly string[]> {
    const wrong: string[] = [];
    for (const token of tokens) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      const why = await verifier.refusal(token.value);
      if (this.#isOver(token)) continue;
      this.verified += 1;
      if (why !== undefined) wrong.push(`${verifier.name} refuses a good token: ${why}`);
    }
    return wrong;
  }

  #isOver({ endsAt }: HeldToken): boolean {
    return this.server.clock.now() >= endsAt;
  }

  async #obtain(resource: string, base = pick(this.server.nodes, this.#dice)): Promise<HeldToken> {
    const form = { grant_type: 'client_credentials', resource };
    const { confidential } = this.server.clients;
    const value = tokensOf(await requestToken(this.server, form, confidential, { base })).accessToken;
    this.issued += 1;
    const { exp = 0 } = decodeJwt(value);
    return { value, kid: decodeProtectedHeader(value).kid ?? '', endsAt: exp * 1000 };
  }
}

const issuedAt = (token: string): number => (decodeJwt(token).iat ?? 0) * 1000;
