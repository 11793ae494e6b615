/**
 * How a client knows a person: by the same identifier as everybody, or by one of its own sector, so that two apps
 * cannot find out that they have the same person.
 * @spec OpenID Connect Core §8 and §8.1
 */
import { createHmac, createSecretKey } from 'node:crypto';
import type { Client } from '../domain/client.ts';

/** @returns the `sub` of the user for this client */
export type SubjectIdentifiers = (userId: string, client: Client) => string;

/** @param key 32 bytes that stay the same for as long as identifiers are to */
export function createSubjectIdentifiers(key: Uint8Array): SubjectIdentifiers {
  const hmacKey = createSecretKey(key);
  return (userId, client) => {
    if (client.metadata.subject_type !== 'pairwise') return userId;
    const sector = sectorOf(client);
    const hash = createHmac('sha256', hmacKey).update(`${sector}\n${userId}`).digest('base64url');
    return `pairwise_${hash}`;
  };
}

/** How a client knows a session: as with people, two apps of different sectors cannot tell that they have the same one. */
export function sessionIdentifierOf(sid: string, client: Client, subjectOf: SubjectIdentifiers): string {
  return subjectOf(sid, client);
}

/** The host that stands for a client: that of its sector document, else the one host of its redirect URIs. */
export function sectorOf({ id, metadata, redirectUris }: Client): string {
  const [uri] =
    metadata.sector_identifier_uri === undefined ? redirectUris : [metadata.sector_identifier_uri];
  const url = uri === undefined ? undefined : new URL(uri);
  // A client without either has nothing in common with any other, nor has one on the person's own machine.
  return url?.protocol === 'https:' ? url.host : `client ${id}`;
}
