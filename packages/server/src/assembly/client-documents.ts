/** Clients that describe themselves by a document, with the traffic they may cause. */
import {
  type ClientDocuments,
  createClientDocuments,
} from '../protocol/client-documents/client-documents.ts';
import type { Foundation } from './foundation.ts';

export function clientDocuments({ parts, clock, random, outbounds }: Foundation): ClientDocuments {
  const { config, store, logger } = parts;
  return createClientDocuments(
    {
      enabled: config.client_id_metadata_documents === 'on',
      maxBytes: config.client_id_metadata_document_max_bytes,
      domains: {
        allow: config.client_id_metadata_document_allow_domains,
        deny: config.client_id_metadata_document_deny_domains,
      },
      allowHosts: new Set(config.outbound_allow_hosts),
    },
    {
      outbound: outbounds.documents,
      clients: store.clients,
      registrations: store.registrations,
      grants: store.grants,
      clock,
      random,
      refused: (origin, reason) => logger.info({ origin, reason }, 'a client metadata document was refused'),
    },
  );
}
