import { expect, it } from 'vitest';
import { type Outbound, OutboundRefusal } from '../../ports/outbound.ts';
import { sectorRefusals } from './sector-document.ts';

const URI = 'https://sector.example/apps.json';
const ONE = 'https://one.example/cb';

function answering(status: number, text: string): Pick<Outbound, 'get'> {
  return { get: async () => ({ status, headers: new Headers(), body: new TextEncoder().encode(text) }) };
}
const unreachable: Pick<Outbound, 'get'> = {
  get: async () => {
    throw new OutboundRefusal('address');
  },
};

it.each([
  ['lists another URI', answering(200, '["https://two.example/cb"]')],
  ['lists nothing', answering(200, '[]')],
  ['is an object', answering(200, `{"0":"${ONE}"}`)],
  ['is no JSON', answering(200, '<html>')],
  ['is not there', answering(404, `["${ONE}"]`)],
  ['may not be asked', unreachable],
])('a sector document that %s refuses the client (DCR §5)', async (_what, outbound) => {
  const client = { redirectUris: [ONE], metadata: { sector_identifier_uri: URI } };
  expect(await sectorRefusals(client, outbound)).toMatchObject([
    { error: 'invalid_client_metadata', pointer: '/sector_identifier_uri' },
  ]);
});

it('a sector document that lists the URIs accepts it; without a sector nobody is asked', async () => {
  const client = { redirectUris: [ONE], metadata: { sector_identifier_uri: URI } };
  expect(await sectorRefusals(client, answering(200, `["${ONE}","https://two.example/cb"]`))).toEqual([]);
  expect(await sectorRefusals({ redirectUris: [ONE], metadata: {} }, unreachable)).toEqual([]);
});
