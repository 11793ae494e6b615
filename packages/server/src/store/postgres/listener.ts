import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import { sayGoodbye } from './query.ts';

/** A connection that waits for notices; it comes back by itself when lost. */
export interface Listener {
  /** @param wake called for each notice, and after every gap in which one may have been missed @returns ends it */
  onNotice(wake: () => void): () => void;
  close(): Promise<void>;
}

const RETRY_AFTER_MS = 500;
/** Whatever is missed without anybody knowing is seen this much later. */
const LOOK_EVERY_MS = 1000;
/** A connection that was cut without a word is noticed by asking: so many looks apart. */
const LOOKS_BETWEEN_QUESTIONS = 5;

/** Connects when somebody first wants to hear. @param onLost told when a connection that had been made is lost */
export function createListener(
  config: ClientConfig,
  channel: string,
  onLost: (error: Error) => void,
): Listener {
  return new NoticeListener(config, channel, onLost);
}

class NoticeListener implements Listener {
  readonly #config: ClientConfig;
  readonly #channel: string;
  readonly #onLost: (error: Error) => void;
  readonly #wakes = new Set<() => void>();
  #connecting: Promise<void> | undefined;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  #closed = false;

  constructor(config: ClientConfig, channel: string, onLost: (error: Error) => void) {
    this.#config = config;
    this.#channel = channel;
    this.#onLost = onLost;
  }

  onNotice(wake: () => void): () => void {
    this.#wakes.add(wake);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    this.#connect();
    return () => {
      this.#wakes.delete(wake);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#wakes.clear();
    await this.#connecting;
    if (this.#client !== undefined) await sayGoodbye(this.#client);
  }

  #look(): void {
    this.#wakeAll();
    this.#looks += 1;
    // Without an answer in time, pg gives the connection up, and it is made anew.
    if (this.#looks % LOOKS_BETWEEN_QUESTIONS === 0) this.#client?.query('SELECT 1').catch(() => undefined);
  }

  #wakeAll(): void {
    for (const wake of this.#wakes) wake();
  }

  #connect(): void {
    if (this.#closed || this.#client !== undefined) return;
    this.#connecting ??= this.#listen().finally(() => {
      this.#connecting = undefined;
    });
  }

  /** Never rejects: it tries again. */
  async #listen(): Promise<void> {
    const client = new Client({ ...this.#config, pipeline: true });
    const lose = (error?: Error): void => {
      if (this.#client === client) {
        this.#client = undefined;
        if (!this.#closed && error !== undefined) this.#onLost(error);
        this.#later();
      }
      endQuietly(client);
    };
    client.on('error', lose);
    client.on('end', () => lose());
    client.on('notification', () => this.#wakeAll());
    try {
      await client.connect();
      await client.query(`LISTEN ${this.#channel}`);
      this.#client = client;
      this.#wakeAll();
    } catch {
      endQuietly(client);
      this.#later();
    }
  }

  #later(): void {
    if (!this.#closed) setTimeout(() => this.#connect(), RETRY_AFTER_MS).unref();
  }
}

/** It is gone, or about to be. */
function endQuietly(client: Client): void {
  client.end().catch(() => {});
}
