/** A database with a span around each call: the name of the statement, and none of its values. */
import type { Tracing } from '../ports/tracing.ts';
import type { Database } from './database.ts';

export function tracedDatabase(database: Database, tracing: Tracing, system: string): Database {
  const around = <Result>(operation: string, what: string, run: () => Promise<Result>): Promise<Result> =>
    tracing.span(
      `store ${operation}`,
      { 'db.system.name': system, 'db.operation.name': operation, 'tessera.statement': what },
      run,
    );
  return {
    ...database,
    find: (on, ...values) => around('find', on.name, () => database.find(on, ...values)),
    scan: (on, ...values) => around('scan', on.name, () => database.scan(on, ...values)),
    append: (into, values) => around('append', into.statement.name, () => database.append(into, values)),
    write: (verb) => around('write', 'transaction', () => database.write(verb)),
  };
}
