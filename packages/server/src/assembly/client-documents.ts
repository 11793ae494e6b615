/** Clients that describe themselves by a document, with the traffic they may cause. */
import { createOutbound } from '../outbound/outbound-http.ts';
import {
  type ClientDocuments,
  createClientDocuments,
} from '../protocol/client-documents/client-documents.ts';
import type { Foundation } from './foundation.ts';

/** Its traffic is counted apart: whoever makes up client ids must not use up what keys are fetched with. */
export function clientDocuments({ parts, clock, random }: Foundation): ClientDocuments {
  const { config, store, logger } = parts;
  const allowHosts = config.outbound_allow_hosts;
  return createClientDocuments(
    {
      enabled: config.client_id_metadata_documents === 'on',
      maxBytes: config.client_id_metadata_document_max_bytes,
      domains: {
        allow: config.client_id_metadata_document_allow_domains,
        deny: config.client_id_metadata_document_deny_domains,
      },
      allowHosts: new Set(allowHosts),
    },
    {
      outbound: createOutbound({ clock, allowHosts }),
      clients: store.clients,
      registrations: store.registrations,
      grants: store.grants,
      clock,
      random,
      refused: (origin, reason) => logger.info({ origin, reason }, 'a client metadata document was refused'),
    },
  );
}
