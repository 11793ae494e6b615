// One of the clients: an app in somebody's hands. It does what apps do until the server is gone.
import { type Dice, pick } from '../../../test/mutations.ts';
import { introspect, signInAndConsent } from '../../../test/oauth-calls.ts';
import type { Person } from '../../../test/registrations.ts';
import { type Chain, type Entry, isFresh, newChain, type Step } from './chain.ts';
import type { Journal } from './journal.ts';
import { SCOPE, type StepParts, type Stepped, STEPS } from './steps.ts';

/** The server lets nobody try more codes of devices in a minute than five. */
const BETWEEN_DEVICES_MS = 30_000;
/** A token this old may expire while it is looked at. */
const OLD_MS = 50 * 60_000;

export interface KillClientParts extends StepParts {
  readonly name: string;
  readonly person: Person;
  readonly journal: Journal;
  readonly dice: Dice;
}

export class KillClient {
  readonly #parts: KillClientParts;
  /** Answers that no server should give. */
  readonly faults: string[] = [];
  /** Its sign-ins, the newest last. */
  readonly chains: Chain[] = [];
  /** Those in which something was done since they were last looked at. */
  readonly touched = new Set<Chain>();
  answered = 0;
  #count = 0;
  #lastDevice = -Infinity;

  constructor(parts: KillClientParts) {
    this.#parts = parts;
  }

  /** Once: signs in, and allows each app, so that from then on the browser is sent straight back. */
  async signIn(): Promise<void> {
    const { server, browser, person } = this.#parts;
    for (const client of [server.clients.publicWeb, server.clients.confidential]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as a person does
      await signInAndConsent({ ...server, person }, browser, { client, person, parameters: SCOPE });
    }
  }

  /** Does one thing after the other until one gets no answer. */
  async live(): Promise<void> {
    const { dice } = this.#parts;
    for (;;) {
      const open = this.chains.slice(-6).filter((chain) => possibleSteps(chain).length > 0);
      const chain = open.length > 0 && dice(4) > 0 ? pick(open, dice) : this.#begin();
      this.touched.add(chain);
      const steps = possibleSteps(chain);
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      const answer = await this.perform(chain, pick(steps, dice));
      if (answer === undefined) return;
      if (answer.status !== 200 && answer.error !== 'slow_down')
        this.faults.push(`${chain.id}: ${answer.status} ${answer.text.slice(0, 200)}`);
    }
  }

  #begin(): Chain {
    const { dice, name } = this.#parts;
    const isDevice = performance.now() - this.#lastDevice > BETWEEN_DEVICES_MS;
    if (isDevice) this.#lastDevice = performance.now();
    const app = isDevice ? 'device' : dice(3) === 0 ? 'confidential' : 'public';
    const chain = newChain(`${name}-${this.#count++}`, app);
    this.chains.push(chain);
    return chain;
  }

  /** @returns nothing where the answer never came */
  async perform(chain: Chain, step: Step): Promise<Stepped | undefined> {
    const { journal } = this.#parts;
    const presented = presentedAt(chain, step);
    const about = {
      chain: chain.id,
      app: chain.app,
      step,
      ...(presented === undefined ? {} : { presented }),
    };
    const entry = (phase: Entry['phase'], more: Partial<Entry> = {}): Entry => ({
      ...about,
      phase,
      at: Date.now(),
      ...more,
    });
    await journal.note(chain, entry('intent'));
    let answer: Stepped;
    try {
      answer = await STEPS[step](this.#parts, chain, presented ?? '');
    } catch (error) {
      // `fetch` says so when the connection is gone.
      if (!(error instanceof TypeError)) throw error;
      await journal.note(chain, entry('no answer'));
      return undefined;
    }
    // A server that loses its database says so, and promises nothing.
    if (answer.status === 503) {
      await journal.note(chain, entry('no answer', { status: 503 }));
      return undefined;
    }
    if (answer.status > 499) this.faults.push(`${step}: ${answer.status} ${answer.text.slice(0, 200)}`);
    const { status, gives, error } = answer;
    await journal.note(chain, entry('answer', { status, gives, error }));
    this.answered += 1;
    return answer;
  }

  /** Whether the API would take it. Nothing for a token too old to say anything about. */
  async isActive({ value, issuedAt }: { value: string; issuedAt: number }): Promise<boolean | undefined> {
    if (Date.now() - issuedAt > OLD_MS) return undefined;
    const { server } = this.#parts;
    const { status, body, text } = await introspect(server, value);
    if (status !== 200) throw new Error(`introspection: ${status} ${text}`);
    return body['active'] === true;
  }

  get journal(): Journal {
    return this.#parts.journal;
  }

  get dice(): Dice {
    return this.#parts.dice;
  }
}

function presentedAt(chain: Chain, step: Step): string | undefined {
  switch (step) {
    case 'authorize':
      return chain.requestUri?.value;
    case 'exchange':
      return chain.code?.value;
    case 'poll':
      return chain.device?.value;
    case 'refresh':
    case 'revoke grant':
      return chain.refreshTokens.at(-1);
    case 'revoke access token':
      return chain.accessTokens.findLast(({ revoked }) => revoked !== 'yes')?.value;
    default:
      return undefined;
  }
}

/** What an app in its right mind would do next; renewing more often than giving up. */
export function possibleSteps(chain: Chain): readonly Step[] {
  const { app, requestUri, code, device, approved, refreshTokens, accessTokens, rotated, ended } = chain;
  if (ended !== 'no' || rotated === 'maybe') return [];
  if (refreshTokens.length > 0) {
    const canRevoke = accessTokens.some(({ revoked }) => revoked === 'no');
    return [
      'refresh',
      'refresh',
      'refresh',
      'refresh',
      'revoke grant',
      ...(canRevoke ? (['revoke access token'] as const) : []),
    ];
  }
  if (app === 'device') {
    if (device === undefined) return ['ask'];
    if (device.used !== 'no' || approved === 'maybe' || !isFresh(device)) return [];
    return [approved === 'no' ? 'approve' : 'poll'];
  }
  if (code !== undefined) return code.used === 'no' && isFresh(code) ? ['exchange'] : [];
  if (requestUri === undefined) return ['push'];
  return requestUri.used === 'no' && isFresh(requestUri) ? ['authorize'] : [];
}
