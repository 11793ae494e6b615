import { TOKEN_PARTITION_MS } from '../token-partition.ts';
import type { Migration } from './migration.ts';

/**
 * On PostgreSQL the table of access tokens becomes the first partition of a new table of the same name; no row moves. What
 * expires within a week of now goes on into it, and everything later into partitions of a day, which the node on duty
 * makes ahead (nouns/token-partitions). And an index for the refusals of one app.
 */
export const partitions: Migration = {
  number: 31,
  minimumProgram: 20,
  ahead: ({ name }, now) => (name === 'postgres' ? [bound(Math.trunc(now)), PROVE_BOUND] : []),
  statements: ({ name }) => (name === 'postgres' ? [EXCHANGE] : []),
  indexes: [{ name: 'refusals_client', on: 'refusals (client_id, seq) WHERE client_id IS NOT NULL' }],
};

/** What is true of every row need not be looked for when the table becomes a partition, with everybody waiting. */
const CONSTRAINT = 'access_tokens_before';
const DAYS_BEFORE = 8;

const ifOneTable = (declare: string, then: string): string =>
  `DO $$ DECLARE ${declare} BEGIN
     IF (SELECT relkind FROM pg_class WHERE oid = 'access_tokens'::regclass) = 'r' THEN ${then} END IF;
   END $$`;

const bound = (now: number): string =>
  ifOneTable(
    'cut BIGINT;',
    `IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = '${CONSTRAINT}') THEN
       SELECT (greatest(coalesce(max(expires_at), 0), ${now}) / ${TOKEN_PARTITION_MS} + ${DAYS_BEFORE}) * ${TOKEN_PARTITION_MS}
         INTO cut FROM access_tokens;
       EXECUTE format('ALTER TABLE access_tokens ADD CONSTRAINT ${CONSTRAINT} CHECK (expires_at < %s) NOT VALID', cut);
     END IF;`,
  );

// Reads the whole table, and nobody has to wait for it.
const PROVE_BOUND = ifOneTable('', `ALTER TABLE access_tokens VALIDATE CONSTRAINT ${CONSTRAINT};`);

const EXCHANGE = ifOneTable(
  'cut BIGINT; newest BIGINT; index RECORD;',
  `LOCK TABLE access_tokens IN ACCESS EXCLUSIVE MODE;
   SELECT (regexp_match(pg_get_constraintdef(oid), '[0-9]{10,}'))[1]::bigint INTO STRICT cut
     FROM pg_constraint WHERE conname = '${CONSTRAINT}';
   newest := nextval(pg_get_serial_sequence('access_tokens', 'seq'));
   ALTER TABLE access_tokens ALTER COLUMN seq DROP IDENTITY;
   ALTER TABLE access_tokens RENAME TO access_tokens_before;
   FOR index IN SELECT relname AS name FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
     WHERE indrelid = 'access_tokens_before'::regclass
   LOOP
     EXECUTE format('ALTER INDEX %I RENAME TO %I', index.name,
       regexp_replace(index.name, '^access_tokens', 'access_tokens_before'));
   END LOOP;
   CREATE TABLE access_tokens (LIKE access_tokens_before INCLUDING DEFAULTS INCLUDING STORAGE)
     PARTITION BY RANGE (expires_at);
   CREATE SEQUENCE access_tokens_seq_seq AS BIGINT OWNED BY access_tokens.seq;
   PERFORM setval('access_tokens_seq_seq', newest);
   ALTER TABLE access_tokens ALTER COLUMN seq SET DEFAULT nextval('access_tokens_seq_seq');
   FOR index IN SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index
     WHERE indrelid = 'access_tokens_before'::regclass AND NOT indisprimary
   LOOP
     EXECUTE replace(index.definition, 'access_tokens_before', 'access_tokens');
   END LOOP;
   EXECUTE format('ALTER TABLE access_tokens ATTACH PARTITION access_tokens_before
     FOR VALUES FROM (MINVALUE) TO (%s)', cut);
   ALTER TABLE access_tokens_before DROP CONSTRAINT ${CONSTRAINT};
   -- What no other partition takes, so that a token is issued whatever became of them.
   CREATE TABLE access_tokens_default PARTITION OF access_tokens DEFAULT;
   CREATE UNIQUE INDEX access_tokens_default_seq ON access_tokens_default (seq);`,
);
