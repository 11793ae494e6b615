/** What a statement can be given: the values that both databases store as they are. */
export type Value = string | number | null | Uint8Array;

/** One statement, written once for both databases, with `$1`, `$2` … for its values. */
export interface Statement {
  /** Unique; PostgreSQL prepares the statement under this name. */
  readonly name: string;
  readonly sql: string;
  /** The text for PostgreSQL: the same, but for what only it needs. */
  readonly postgres: string;
  /** Set where the statement adds a row whose first value is its `lookup`: the table. */
  readonly addsLookupTo?: string;
  /** Set where everything that is alive is looked through: where that is much, it takes longer than an answer may. */
  readonly looksThroughAll?: true;
}

/** @param name unique in the program, at most 63 characters */
export function statement(name: string, sql: string, postgres: string = sql): Statement {
  return { name, sql, postgres };
}

/**
 * A SELECT inside of a write whose rows must not change before the write ends: PostgreSQL locks them; SQLite has one
 * writer anyway.
 */
export function lockingStatement(name: string, sql: string): Statement {
  return statement(name, sql, `${sql} FOR UPDATE`);
}

/** Of a write that ends what only a look at everything that is alive finds. It is rare, and must not fail for its size. */
export function throughAll(on: Statement): Statement {
  return { ...on, looksThroughAll: true };
}

/** One statement with its values. */
export interface Step {
  readonly statement: Statement;
  readonly values: readonly Value[];
}

/** What a step gave: the rows it returned and how many it wrote. */
export interface StepResult {
  readonly rows: readonly object[];
  readonly changes: number;
}

/** Steps that do not need each other's results and may travel together; they run in this order. */
export interface Flight {
  readonly steps: readonly Step[];
  /** The verb writes nothing after this: the commit may travel along. */
  readonly last: boolean;
}

/**
 * A verb of the store: everything that one transaction does, as a generator of steps. One text serves both
 * databases: SQLite runs it without a pause inside of its grouped commit, PostgreSQL awaits each flight. A verb may
 * be started anew when its transaction is replayed, so it keeps no state outside of itself.
 */
export type Verb<Result> = Generator<Flight, Result, readonly StepResult[]>;

export function step(on: Statement, ...values: Value[]): Step {
  return { statement: on, values };
}

/** Runs one statement; the rows it gave. `Row` names the columns the statement selects. */
export function* rows<Row extends object>(on: Statement, ...values: Value[]): Verb<readonly Row[]> {
  const [result] = yield { steps: [step(on, ...values)], last: false };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the statement's text decides its columns
  return (result?.rows ?? []) as readonly Row[];
}

/** Runs one statement that gives at most one row. */
export function* row<Row extends object>(on: Statement, ...values: Value[]): Verb<Row | undefined> {
  const found = yield* rows<Row>(on, ...values);
  return found[0];
}

/** Runs one writing statement; how many rows it wrote. */
export function* change(on: Statement, ...values: Value[]): Verb<number> {
  const [result] = yield { steps: [step(on, ...values)], last: false };
  return result?.changes ?? 0;
}

/** As `together`, and nothing comes after it in the whole verb. */
export function* lastly(...steps: readonly (Step | undefined)[]): Verb<void> {
  yield { steps: steps.filter((each) => each !== undefined), last: true };
}
