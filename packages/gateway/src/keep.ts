/** Things with a memory or connections, by what they were made from: a new configuration goes on with those it shares. */

export interface Keep {
  /** The one that was made from the same, or a new one. */
  get<Value>(kind: string, madeFrom: unknown, make: () => Value): Value;
  /** Calls off what only this one has. */
  closeAllBut(next: Keep | undefined): Promise<void>;
  has(key: string): boolean;
  /** To be called once everything has been got: each configuration would keep all before it alive. */
  settle(): void;
}

interface Kept {
  readonly value: unknown;
}

export function createKeep(previous: Keep | undefined): Keep {
  return new Shelf(previous instanceof Shelf ? previous : undefined);
}

class Shelf implements Keep {
  readonly #kept = new Map<string, Kept>();
  #previous: Shelf | undefined;

  constructor(previous: Shelf | undefined) {
    this.#previous = previous;
  }

  get<Value>(kind: string, madeFrom: unknown, make: () => Value): Value {
    const key = `${kind} ${JSON.stringify(madeFrom)}`;
    const known = this.#kept.get(key) ?? this.#previous?.find(key) ?? { value: make() };
    this.#kept.set(key, known);
    return known.value as Value;
  }

  find(key: string): Kept | undefined {
    return this.#kept.get(key);
  }

  has(key: string): boolean {
    return this.#kept.has(key);
  }

  settle(): void {
    this.#previous = undefined;
  }

  async closeAllBut(next: Keep | undefined): Promise<void> {
    const alone = [...this.#kept].filter(([key]) => next?.has(key) !== true).map(([, { value }]) => value);
    await Promise.all(alone.map(async (value) => (isClosable(value) ? value.close() : undefined)));
  }
}

function isClosable(value: unknown): value is { close(): unknown } {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function';
}
