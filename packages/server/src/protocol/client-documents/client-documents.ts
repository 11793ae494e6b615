/**
 * Clients that nobody registered: their id is the URL of a document that says who they are. It is fetched when such a
 * client sends a person here, and kept as a client once a person has said yes; what was kept then decides what the
 * code and the refresh token are worth, whatever becomes of the document.
 * @spec draft-ietf-oauth-client-id-metadata-document-00 §4
 */
import { isDeepStrictEqual } from 'node:util';
import type { Random } from '@tessera/tokens';
import type { Client } from '../../domain/client.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Grants } from '../../ports/grants.ts';
import { type Outbound, type OutboundAnswer, OutboundRefusal } from '../../ports/outbound.ts';
import type { Registrations } from '../../ports/registrations.ts';
import { auditEvent } from '../audit-event.ts';
import type { RegisteredMetadata } from '../client-metadata/index.ts';
import { sectorRefusals } from '../client-metadata/sector-document.ts';
import { endGrantsOfRemovedRedirectUris } from '../registration/removed-redirect-uris.ts';
import type { RequestContext } from '../request-context.ts';
import { cacheLifetime } from './cache-lifetime.ts';
import { looksLikeUrl, parseClientIdUrl } from './client-id-url.ts';
import { type DomainPolicy, isAllowedDomain } from './domain-policy.ts';
import { readDocument, type ReadDocument } from './read-document.ts';

export interface ClientDocumentSettings {
  /** Off: no URL is a client. */
  readonly enabled: boolean;
  /** Bytes. */
  readonly maxBytes: number;
  readonly domains: DomainPolicy;
  /** Hosts where http is open, for development. */
  readonly allowHosts: ReadonlySet<string>;
}

export interface ClientDocumentDependencies {
  readonly outbound: Pick<Outbound, 'get'>;
  readonly clients: Pick<Clients, 'find'>;
  readonly registrations: Pick<Registrations, 'keepDocument'>;
  readonly grants: Pick<Grants, 'list' | 'end'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Told why a document is no client; never sent to anybody. */
  readonly refused: (origin: string, reason: string) => void;
}

/** Clients by id, those included that only a document describes. */
export interface ClientDocuments {
  /** The registered client, or the one that the document at the URL describes now. */
  find(clientId: string): Promise<Client | undefined>;
  /** Keeps a client of a document as it is, so that grants can hang from it; others are kept already. */
  keep(client: Client, context: RequestContext): Promise<void>;
}

interface Known {
  readonly metadata: RegisteredMetadata;
  readonly freshUntil: number;
}

const CACHED_DOCUMENTS = 1000;

export function createClientDocuments(
  settings: ClientDocumentSettings,
  dependencies: ClientDocumentDependencies,
): ClientDocuments {
  const { clients, registrations, clock, random } = dependencies;
  const metadataOf = createDocumentCache(settings, dependencies);
  return {
    async find(clientId) {
      if (!looksLikeUrl(clientId)) return clients.find(clientId);
      const url = parseClientIdUrl(clientId, settings.allowHosts);
      if (!settings.enabled || url === undefined || !isAllowedDomain(url.hostname, settings.domains)) {
        return undefined;
      }
      const kept = await clients.find(clientId);
      if (kept?.status === 'disabled') return undefined;
      const metadata = await metadataOf(url);
      return metadata === undefined ? undefined : described(clientId, metadata, kept);
    },
    async keep(client, context) {
      if (client.registeredBy !== 'metadata_document') return;
      const before = await clients.find(client.id);
      if (before !== undefined && isDeepStrictEqual(described(client.id, client, before), before)) return;
      const event = {
        type: before === undefined ? 'client.created' : 'client.updated',
        outcome: 'success',
        actor: client.id,
        clientId: client.id,
        detail: { registered_by: 'metadata_document' },
      } as const;
      const now = clock();
      const written = { ...client, createdAt: before?.createdAt ?? now, updatedAt: now };
      await registrations.keepDocument(written, auditEvent(context, event, random));
      if (before !== undefined) await endGrantsOfRemovedRedirectUris(client, before, context, dependencies);
    },
  };
}

/** The client of a document. One that is not kept yet has no beginning: no request can be older than it. */
function described(id: string, metadata: RegisteredMetadata, kept: Client | undefined): Client {
  return {
    id,
    organizationId: kept?.organizationId ?? DEFAULT_ORGANIZATION_ID,
    name: metadata.name,
    applicationType: metadata.applicationType,
    redirectUris: metadata.redirectUris,
    grantTypes: metadata.grantTypes,
    tokenEndpointAuthMethod: metadata.tokenEndpointAuthMethod,
    requirePkce: true,
    ...(metadata.scopes !== undefined && { scopes: metadata.scopes }),
    ...(metadata.clientUri !== undefined && { clientUri: metadata.clientUri }),
    ...(metadata.logoUri !== undefined && { logoUri: metadata.logoUri }),
    ...(metadata.policyUri !== undefined && { policyUri: metadata.policyUri }),
    ...(metadata.tosUri !== undefined && { tosUri: metadata.tosUri }),
    ...(metadata.contacts !== undefined && { contacts: metadata.contacts }),
    metadata: metadata.metadata,
    firstParty: false,
    registeredBy: 'metadata_document',
    status: 'active',
    secrets: [],
    createdAt: kept?.createdAt ?? 0,
    updatedAt: kept?.updatedAt ?? 0,
  };
}

/** Documents that were good, by URL. Errors and bad documents are not kept (draft §4.4). */
function createDocumentCache(
  settings: ClientDocumentSettings,
  { outbound, clock, refused }: ClientDocumentDependencies,
): (url: URL) => Promise<RegisteredMetadata | undefined> {
  const known = new Map<string, Known>();
  const underWay = new Map<string, Promise<RegisteredMetadata | undefined>>();

  const fetchAnew = async (url: URL): Promise<RegisteredMetadata | undefined> => {
    let answer: OutboundAnswer;
    try {
      answer = await outbound.get(url.href, { maxBytes: settings.maxBytes });
    } catch (error) {
      if (!(error instanceof OutboundRefusal)) throw error;
      refused(url.origin, error.message);
      // Others may have used up what goes out in a minute; that is no reason to send this person away.
      return error.reason === 'busy' ? known.get(url.href)?.metadata : undefined;
    }
    const read = await inItsSector(readAnswer(url, answer), outbound);
    known.delete(url.href);
    if ('refusal' in read) {
      refused(url.origin, read.refusal);
      return undefined;
    }
    const [oldest] = known.keys();
    if (known.size >= CACHED_DOCUMENTS && oldest !== undefined) known.delete(oldest);
    const now = clock();
    known.set(url.href, { metadata: read.client, freshUntil: now + cacheLifetime(answer.headers, now) });
    return read.client;
  };

  return (url) => {
    const kept = known.get(url.href);
    if (kept !== undefined && clock() < kept.freshUntil) return Promise.resolve(kept.metadata);
    const waiting = underWay.get(url.href);
    if (waiting !== undefined) return waiting;
    const fetching = fetchAnew(url).finally(() => underWay.delete(url.href));
    underWay.set(url.href, fetching);
    return fetching;
  };
}

/** A document cannot make its app one of a sector that does not list it. */
async function inItsSector(read: ReadDocument, outbound: Pick<Outbound, 'get'>): Promise<ReadDocument> {
  const [refused] = 'client' in read ? await sectorRefusals(read.client, outbound) : [];
  return refused === undefined ? read : { refusal: `${refused.pointer} ${refused.detail}` };
}

function readAnswer(url: URL, { status, headers, body }: OutboundAnswer): ReadDocument {
  if (status !== 200) return { refusal: `it was answered with ${status}` };
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json' && !/^application\/[a-z0-9.-]+\+json$/.test(type)) {
    return { refusal: 'its content type is not JSON' };
  }
  return readDocument(url.href, body);
}
