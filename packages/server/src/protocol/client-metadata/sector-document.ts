/**
 * Whether a client belongs to the sector it names: the sector's document lists its redirect URIs.
 * @spec OpenID Connect Dynamic Client Registration §5
 */
import { type Outbound, OutboundRefusal } from '../../ports/outbound.ts';
import { type MetadataRefusal, refuse } from './refusal.ts';

const POINTER = '/sector_identifier_uri';

/** Asks the sector; no refusals for a client that names none. */
export async function sectorRefusals(
  client: {
    readonly redirectUris: readonly string[];
    readonly metadata: { readonly sector_identifier_uri?: string };
  },
  outbound: Pick<Outbound, 'get'>,
): Promise<readonly MetadataRefusal[]> {
  const { sector_identifier_uri: uri } = client.metadata;
  if (uri === undefined) return [];
  const listed = await readList(uri, outbound);
  if (listed === undefined) return [refuse(POINTER, 'did not answer with a JSON list of redirect URIs')];
  return client.redirectUris.every((each) => listed.includes(each))
    ? []
    : [refuse(POINTER, 'does not list every redirect URI of the client')];
}

async function readList(
  uri: string,
  outbound: Pick<Outbound, 'get'>,
): Promise<readonly unknown[] | undefined> {
  try {
    const { status, body } = await outbound.get(uri);
    if (status !== 200) return undefined;
    const list: unknown = JSON.parse(new TextDecoder().decode(body));
    return Array.isArray(list) ? list : undefined;
  } catch (error) {
    if (error instanceof OutboundRefusal || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
