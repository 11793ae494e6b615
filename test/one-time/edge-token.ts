// Common Access Tokens for one use, at a gateway: the gateway remembers their `cti`.
import { randomBytes } from 'node:crypto';
import { catClaimsFromJson, createCat } from '@tessera/tokens/cat';
import { createMacKey } from '@tessera/tokens/cose';
import { startGateway, startUpstream } from '../gateway.ts';
import type { TestServer } from '../harness.ts';
import type { OneTimeThing } from './world.ts';

const AUDIENCE = 'https://media.example/';

export interface EdgeTokens {
  readonly thing: OneTimeThing;
  close(): Promise<void>;
}

/** A gateway of its own, which tells uses by what reaches the API behind it. @spec CTA-5007-B §4.6.3.6 */
export async function startEdgeTokens({ issuer }: Pick<TestServer, 'issuer'>): Promise<EdgeTokens> {
  const [kid, secret] = ['edge', randomBytes(32)];
  const jwk = { kty: 'oct', k: secret.toString('base64url'), kid, alg: 'HS256' };
  const key = createMacKey({ kid, secret });
  const upstream = await startUpstream();
  const gateway = await startGateway({
    log_level: 'error',
    issuers: { main: { url: issuer, cat_keys: JSON.stringify(jwk) } },
    routes: {
      media: { path: '/', upstream: upstream.url, verify_access_token: { audience: AUDIENCE, cat: {} } },
    },
  });
  const thing: OneTimeThing = {
    name: 'CAT cti',
    make() {
      const exp = Math.floor(Date.now() / 1000) + 300;
      const cti = randomBytes(16).toString('hex');
      const claims = catClaimsFromJson({ iss: issuer, aud: AUDIENCE, exp, cti, catreplay: 1 });
      const headers = { 'cta-common-access-token': createCat(claims, { key }) };
      return Promise.resolve(async () => {
        const answer = await fetch(`${gateway.url}/segment`, { headers });
        const text = await answer.text();
        if (answer.status === 200) return 'taken';
        return text.includes('catreplay') ? 'refused' : { fault: `${answer.status} ${text.slice(0, 200)}` };
      });
    },
  };
  return {
    thing,
    async close() {
      await gateway.close();
      await upstream.close();
    },
  };
}
