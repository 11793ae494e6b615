/**
 * From the body of a registration to what the client is to be, or to the error it gets.
 * @spec RFC 7591 §3.1, §3.2.2
 */
import {
  type ClientMetadata,
  type MetadataRefusal,
  type RegisteredMetadata,
} from '../client-metadata/index.ts';
import { readMetadata } from '../client-metadata/read-metadata.ts';
import { sectorRefusals } from '../client-metadata/sector-document.ts';
import type { Outbound } from '../../ports/outbound.ts';
import { OAuthError } from '../oauth-error.ts';
import { validateSelfRegistration, withoutOperatorMembers } from './self-registration.ts';
import { refuseSoftwareStatement } from './software-statement.ts';
import type { StayingSettings } from './staying-settings.ts';

/**
 * A `scope` is passed over, as the server may do with any value (RFC 7591 §2): libraries name the scopes of their first
 * request in it, and held to that list an app could never ask for more. It limits nobody; the person is asked each time.
 * @param body JSON as it was sent
 * @param staying what an update cannot loosen; absent: the client is new
 * @throws OAuthError `invalid_client_metadata`, `invalid_redirect_uri`, those of software statements
 */
export function readRegistration(body: unknown, staying: StayingSettings = {}): RegisteredMetadata {
  if (!isObject(body)) {
    throw new OAuthError('invalid_client_metadata', 'The body must be a JSON object of client metadata');
  }
  refuseSoftwareStatement(body['software_statement']);
  const { scope: _, ...own } = withoutOperatorMembers(body);
  const read = readMetadata(own);
  if ('refusals' in read) throw metadataError(read.refusals);
  const named: ClientMetadata = {
    ...read.metadata,
    ...staying,
    client_name: read.metadata.client_name ?? UNNAMED,
  };
  const validation = validateSelfRegistration(named);
  if ('refusals' in validation) throw metadataError(validation.refusals);
  return validation.accepted;
}

/**
 * An app of somebody else's sector would know people by the same identifiers as the apps of that sector.
 * @throws OAuthError `invalid_client_metadata` unless the sector lists the redirect URIs
 */
export async function refuseForeignSector(
  client: RegisteredMetadata,
  outbound: Pick<Outbound, 'get'>,
): Promise<void> {
  const refusals = await sectorRefusals(client, outbound);
  if (refusals.length > 0) throw metadataError(refusals);
}

/** A name is recommended and not required (RFC 7591 §2); people still have to read something. */
const UNNAMED = 'An app without a name';

function metadataError(refusals: readonly MetadataRefusal[]): OAuthError {
  const onlyRedirects = refusals.every(({ error }) => error === 'invalid_redirect_uri');
  const told = refusals.slice(0, 3).map(({ pointer, detail }) => `${pointer} ${detail}`);
  return new OAuthError(
    onlyRedirects ? 'invalid_redirect_uri' : 'invalid_client_metadata',
    told.join('; ').replaceAll(/[^\x20-\x7e]|["\\]/g, '?'),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
