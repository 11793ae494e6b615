import type { TrustedIssuer } from '../../domain/trusted-issuer.ts';
import type { TrustedIssuers } from '../../ports/trusted-issuers.ts';
import { AlreadyExists } from '../../ports/store-errors.ts';
import { fromJson, toJson } from '../columns.ts';
import { UniqueViolation } from '../database.ts';
import type { Database } from '../database.ts';
import { listPage } from '../list-page.ts';
import { change, lastly, statement } from '../statement.ts';
import type { Value, Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';
import { endIssued } from './end-issued.ts';

interface TrustedIssuerColumns {
  readonly seq: number;
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly issuer: string;
  readonly kind: TrustedIssuer['kind'];
  readonly status: TrustedIssuer['status'];
  readonly settings: string;
  readonly created_at: number;
  readonly updated_at: number;
}

/** What is kept as JSON. */
type Settings = Omit<
  TrustedIssuer,
  'id' | 'organizationId' | 'name' | 'issuer' | 'kind' | 'status' | 'createdAt' | 'updatedAt'
>;

const findIssuer = statement('trusted_issuer_find', 'SELECT * FROM trusted_issuers WHERE id = $1');
const findByIssuer = statement(
  'trusted_issuer_find_by_issuer',
  'SELECT * FROM trusted_issuers WHERE issuer = $1',
);
const insertIssuer = statement(
  'trusted_issuer_insert',
  `INSERT INTO trusted_issuers (id, organization_id, name, issuer, kind, status, settings, created_at, updated_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);
const updateIssuer = statement(
  'trusted_issuer_update',
  `UPDATE trusted_issuers SET organization_id = $2, name = $3, issuer = $4, kind = $5, status = $6, settings = $7,
     created_at = $8, updated_at = $9 WHERE id = $1 AND updated_at = $10`,
);
const deleteIssuer = statement('trusted_issuer_delete', 'DELETE FROM trusted_issuers WHERE id = $1');

export function createTrustedIssuers(database: Database): TrustedIssuers {
  const write = async <Result>(verb: () => Verb<Result>): Promise<Result> => {
    try {
      return await database.write(verb);
    } catch (error) {
      throw error instanceof UniqueViolation && error.column === 'trusted_issuers.issuer'
        ? new AlreadyExists('issuer')
        : error;
    }
  };
  return {
    find: async (id) => first(await database.find(findIssuer, id)),
    findByIssuer: async (issuer) => first(await database.find(findByIssuer, issuer)),
    create: (issuer, audit) =>
      write(function* () {
        yield* change(insertIssuer, ...values(issuer));
        yield* lastly(recordAudit(audit));
      }),
    update: (issuer, audit, before) =>
      write(function* (): Verb<boolean> {
        if ((yield* change(updateIssuer, ...values(issuer), before.updatedAt)) === 0) return false;
        const ends = issuer.status === 'disabled' && before.status === 'active';
        yield* lastly(...(ends ? endIssued(issuer.id, issuer.updatedAt) : []), recordAudit(audit));
        return true;
      }),
    delete: (id, audit) =>
      write(function* (): Verb<boolean> {
        if ((yield* change(deleteIssuer, id)) === 0) return false;
        yield* lastly(...endIssued(id, audit.at), recordAudit(audit));
        return true;
      }),
    list: (page) =>
      listPage<TrustedIssuerColumns, TrustedIssuer>(
        database,
        {
          name: 'trusted_issuers',
          table: 'trusted_issuers',
          select: 'SELECT * FROM {page} ORDER BY seq DESC',
          toItems: (rows) => rows.map(toTrustedIssuer),
        },
        page,
      ),
  };
}

function values(trusted: TrustedIssuer): readonly Value[] {
  const { id, organizationId, name, issuer, kind, status, createdAt, updatedAt, ...settings } = trusted;
  return [id, organizationId, name, issuer, kind, status, toJson(settings), createdAt, updatedAt];
}

function first(rows: readonly TrustedIssuerColumns[]): TrustedIssuer | undefined {
  return rows.map(toTrustedIssuer)[0];
}

function toTrustedIssuer(columns: TrustedIssuerColumns): TrustedIssuer {
  return {
    id: columns.id,
    organizationId: columns.organization_id,
    name: columns.name,
    issuer: columns.issuer,
    kind: columns.kind,
    status: columns.status,
    ...fromJson<Settings>(columns.settings),
    createdAt: columns.created_at,
    updatedAt: columns.updated_at,
  };
}
