import type { Dialect, Migration } from './migration.ts';

/**
 * The audit log as a chain, and figures of what is issued, verified and refused. An older program would add events that nobody links, so it may not use the database any
 * more. The columns that hold an event: see `COLUMNS`.
 */
export const auditChain: Migration = {
  number: 20,
  minimumProgram: 20,
  statements: (dialect) => [
    ...columns,
    ...chainTables(dialect),
    ...indexes,
    ...figures(dialect),
    // What was there before is linked as soon as a node runs.
    'INSERT INTO audit_unlinked (seq) SELECT seq FROM audit_events',
    ...(dialect.name === 'postgres' ? postgresTriggers() : sqliteTriggers()),
  ],
};

const columns: readonly string[] = [
  ...['subject', 'act', 'reason', 'organization_id', 'personal'].map(
    (column) => `ALTER TABLE audit_events ADD COLUMN ${column} TEXT`,
  ),
  `UPDATE audit_events SET subject = coalesce(user_id, client_id, resource_id), organization_id = coalesce(
     (SELECT organization_id FROM clients WHERE clients.id = audit_events.client_id),
     (SELECT organization_id FROM resources WHERE resources.id = audit_events.resource_id),
     (SELECT organization_id FROM users WHERE users.id = audit_events.user_id))`,
];

function chainTables({ integer, bytes, strict }: Dialect): readonly string[] {
  return [
    // Events whose place in a chain is still to come. A row of audit_events that is neither here nor linked was not
    // written by Tessera.
    `CREATE TABLE audit_unlinked (seq ${integer} PRIMARY KEY)${strict}`,
    // Where each chain is to go on; truth is in the links.
    `CREATE TABLE audit_chains (
       chain ${integer} PRIMARY KEY, position ${integer} NOT NULL, link ${bytes} NOT NULL
     )${strict}`,
    // at: of the event.
    `CREATE TABLE audit_links (
       chain ${integer} NOT NULL, position ${integer} NOT NULL, event_seq ${integer} NOT NULL UNIQUE,
       at ${integer} NOT NULL, digest ${bytes} NOT NULL, salt ${bytes}, personal_digest ${bytes} NOT NULL,
       link ${bytes} NOT NULL, PRIMARY KEY (chain, position)
     )${strict}`,
    `CREATE TABLE audit_anchors (
       number ${integer} PRIMARY KEY, at ${integer} NOT NULL, heads TEXT NOT NULL, floors TEXT NOT NULL,
       pruned_before ${integer} NOT NULL, previous ${bytes} NOT NULL, seal ${bytes} NOT NULL
     )${strict}`,
  ];
}

/** grain: the milliseconds that a row stands for. owner: an organization for minutes, an app for hours; '' where unknown. */
function figures({ integer, strict }: Dialect): readonly string[] {
  return [
    `CREATE TABLE usage_counts (
       grain ${integer} NOT NULL, at ${integer} NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,
       count ${integer} NOT NULL, PRIMARY KEY (grain, at, owner, kind, reason)
     )${strict}`,
    'CREATE INDEX usage_counts_owner ON usage_counts (grain, owner, at)',
    'CREATE INDEX clients_created ON clients (created_at)',
  ];
}

/** Each filter of the list reads the newest first. */
const indexes: readonly string[] = [
  ...[
    'type',
    'outcome',
    'actor',
    'subject',
    'user_id',
    'client_id',
    'resource_id',
    'organization_id',
    'grant_id',
  ].map(
    (column) =>
      `CREATE INDEX audit_events_${column} ON audit_events (${column}, seq) WHERE ${column} IS NOT NULL`,
  ),
  'CREATE INDEX audit_events_at ON audit_events (at)',
  'CREATE INDEX audit_links_at ON audit_links (at)',
];

/** Of an event, as Tessera writes them; `subject` and `organization_id` are worked out where they are absent. */
const COLUMNS = [
  'id',
  'at',
  'type',
  'outcome',
  'actor',
  'subject',
  'act',
  'reason',
  'organization_id',
  'user_id',
  'client_id',
  'grant_id',
  'resource_id',
  'request_id',
  'address',
  'personal',
  'detail',
];

const PERSONAL: ReadonlySet<string> = new Set(['address', 'personal']);

const earlier = (id: string): string =>
  `(SELECT organization_id FROM audit_events WHERE ${id} = NEW.${id} ORDER BY seq DESC LIMIT 1)`;

/** The event as it is written; what it hangs from may be gone by now, but an earlier event knew. */
const WRITTEN = COLUMNS.map((column) => {
  if (column === 'subject') return 'coalesce(NEW.subject, NEW.user_id, NEW.client_id, NEW.resource_id)';
  if (column !== 'organization_id') return `NEW.${column}`;
  return `coalesce(NEW.organization_id,
    (SELECT organization_id FROM clients WHERE id = NEW.client_id), ${earlier('client_id')},
    (SELECT organization_id FROM resources WHERE id = NEW.resource_id), ${earlier('resource_id')},
    (SELECT organization_id FROM grants WHERE id = NEW.grant_id),
    (SELECT organization_id FROM users WHERE id = NEW.user_id), ${earlier('user_id')})`;
}).join(', ');

const VIEW = `CREATE VIEW audit_log AS SELECT ${COLUMNS.join(', ')} FROM audit_events`;
const INSERT = `INSERT INTO audit_events (${COLUMNS.join(', ')}) VALUES (${WRITTEN})`;
const REFUSAL = 'the audit log is append-only';
/** What was pruned is named by an anchor before it goes. */
const PRUNED = 'EXISTS (SELECT 1 FROM audit_anchors WHERE pruned_before > OLD.at)';

/** Of an event only what is personal may go, of a link only the salt of it. */
function allowedChanges(same: string): Readonly<Record<string, string>> {
  const kept = ['seq', ...COLUMNS.filter((column) => !PERSONAL.has(column))];
  const link = ['chain', 'position', 'event_seq', 'at', 'digest', 'personal_digest', 'link'];
  const unchanged = (names: readonly string[]): string =>
    names.map((name) => `NEW.${name} ${same} OLD.${name}`).join(' AND ');
  return {
    audit_events: `${unchanged(kept)} AND NEW.address IS NULL AND NEW.personal IS NULL`,
    audit_links: `${unchanged(link)} AND NEW.salt IS NULL`,
    audit_anchors: '1 = 0',
  };
}

function sqliteTriggers(): readonly string[] {
  return [
    VIEW,
    `CREATE TRIGGER audit_log_insert INSTEAD OF INSERT ON audit_log BEGIN
       ${INSERT};
       INSERT INTO audit_unlinked (seq) VALUES (last_insert_rowid());
     END`,
    ...Object.entries(allowedChanges('IS')).flatMap(([table, allowed]) => [
      `CREATE TRIGGER ${table}_update BEFORE UPDATE ON ${table} WHEN NOT (${allowed})
       BEGIN SELECT RAISE(ABORT, '${REFUSAL}'); END`,
      `CREATE TRIGGER ${table}_delete BEFORE DELETE ON ${table} WHEN NOT ${PRUNED}
       BEGIN SELECT RAISE(ABORT, '${REFUSAL}'); END`,
    ]),
  ];
}

function postgresTriggers(): readonly string[] {
  return [
    VIEW,
    `CREATE FUNCTION tessera_audit_insert() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE written BIGINT;
     BEGIN
       ${INSERT} RETURNING seq INTO written;
       INSERT INTO audit_unlinked (seq) VALUES (written);
       RETURN NEW;
     END $$`,
    `CREATE TRIGGER audit_log_insert INSTEAD OF INSERT ON audit_log
     FOR EACH ROW EXECUTE FUNCTION tessera_audit_insert()`,
    `CREATE FUNCTION tessera_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION '${REFUSAL}'; END $$`,
    ...Object.entries(allowedChanges('IS NOT DISTINCT FROM')).flatMap(([table, allowed]) => [
      // PostgreSQL knows no subquery in the condition of a trigger.
      `CREATE FUNCTION tessera_${table}_guard() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF TG_OP = 'UPDATE' THEN
           IF ${allowed} THEN RETURN NEW; END IF;
         ELSIF ${PRUNED} THEN RETURN OLD;
         END IF;
         RAISE EXCEPTION '${REFUSAL}';
       END $$`,
      `CREATE TRIGGER ${table}_guard BEFORE UPDATE OR DELETE ON ${table}
       FOR EACH ROW EXECUTE FUNCTION tessera_${table}_guard()`,
      `CREATE TRIGGER ${table}_truncate BEFORE TRUNCATE ON ${table}
       FOR EACH STATEMENT EXECUTE FUNCTION tessera_audit_refuse()`,
    ]),
  ];
}
