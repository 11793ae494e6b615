// A client's own memory on disk: what it is about to do, and what it was told, each on the disk before it goes on.
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { apply, type Chain, type Entry, newChain } from './chain.ts';

export class Journal {
  readonly path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<Journal> {
    return new Journal(path, await open(path, 'ax', 0o600));
  }

  /** Resolves when it is on the disk. */
  async note(chain: Chain, entry: Entry): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(entry)}\n`);
    await this.#file.datasync();
    apply(chain, entry);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** What a journal says, from its first line to its last. */
export async function readJournal(path: string): Promise<readonly Chain[]> {
  const chains = new Map<string, Chain>();
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    if (line === '') continue;
    const entry = JSON.parse(line) as Entry;
    const chain = chains.get(entry.chain) ?? newChain(entry.chain, entry.app);
    chains.set(entry.chain, chain);
    apply(chain, entry);
  }
  return [...chains.values()];
}
