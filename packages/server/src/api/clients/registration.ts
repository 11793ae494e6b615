/** From what a request says of a client to the client, or to the problem it has. */
import { type Client, usesSecret } from '../../domain/client.ts';
import type { ProtocolMetadata } from '../../domain/protocol-metadata.ts';
import {
  type ClientMetadata,
  type MetadataRefusal,
  type RegisteredMetadata,
  validateClientMetadata,
} from '../../protocol/client-metadata/index.ts';
import { sectorRefusals } from '../../protocol/client-metadata/sector-document.ts';
import type { Outbound } from '../../ports/outbound.ts';
import { Problem } from '../problem.ts';
import { toMetadata } from '../../protocol/client-metadata/to-metadata.ts';

/** @throws Problem `invalid_redirect_uri` or `invalid_client_metadata`, naming every member that is wrong */
export function registered(metadata: ClientMetadata): RegisteredMetadata {
  const validation = validateClientMetadata(metadata);
  if ('accepted' in validation) return validation.accepted;
  throw toProblem(validation.refusals);
}

/** Asks the sector that a client names. @throws Problem `invalid_client_metadata` */
export async function requireSector(
  client: Pick<Client, 'redirectUris' | 'metadata'>,
  outbound: Pick<Outbound, 'get'>,
): Promise<void> {
  const refusals = await sectorRefusals(client, outbound);
  if (refusals.length > 0) throw toProblem(refusals);
}

function toProblem(refusals: readonly MetadataRefusal[]): Problem {
  const onlyRedirects = refusals.every((refusal) => refusal.error === 'invalid_redirect_uri');
  const code = onlyRedirects ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  const told = refusals.slice(0, 3).map(({ pointer, detail }) => `${pointer} ${detail}`);
  return new Problem(
    code,
    `${code}: ${told.join('; ')}`,
    refusals.slice(0, 20).map(({ pointer, detail }) => ({ pointer, detail })),
  );
}

type Removable =
  | 'scope'
  | 'client_uri'
  | 'logo_uri'
  | 'policy_uri'
  | 'tos_uri'
  | 'contacts'
  | keyof ProtocolMetadata;

/** Members to replace; null takes one away (RFC 7396). */
export type MetadataChanges = Partial<Omit<ClientMetadata, Removable>> & {
  readonly [Member in Removable]?: ClientMetadata[Member] | null;
};

/** The client with the changes applied and judged as a whole. @throws Problem */
export function changed(client: Client, changes: MetadataChanges, at: number): Client {
  const { id, organizationId, firstParty, registeredBy, status, secrets, createdAt } = client;
  const kept = { id, organizationId, firstParty, registeredBy, status, secrets, createdAt };
  const after = { ...kept, ...registered(merged(toMetadata(client), changes)), updatedAt: at };
  return usesSecret(after.tokenEndpointAuthMethod) ? after : { ...after, secrets: [] };
}

function merged(before: ClientMetadata, changes: MetadataChanges): ClientMetadata {
  const members = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only members that may be absent can be null
  return Object.fromEntries(members) as unknown as ClientMetadata;
}
