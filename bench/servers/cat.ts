/** The same 1 000 tokens through `@tessera/tokens/cat` and @eyevinn/cat: signature, issuer, times and URI; and their making. */
import { randomBytes } from 'node:crypto';
import { CAT } from '@eyevinn/cat';
import { catClaimsFromJson, createCatMaker, verifyCat } from '@tessera/tokens/cat';
import { createMacKey } from '@tessera/tokens/cose';
import { answerContests } from '../micro.ts';

const KID = 'bench';
const ISSUER = 'https://issuer.bench.example';
const URL_CALLED = 'https://video.example/content/path/segment.m4s';
const DISTINCT_TOKENS = 1000;

const secret = randomBytes(32);
const key = createMacKey({ kid: KID, secret });
const maker = createCatMaker({ key, random: randomBytes });
const iat = Math.floor(Date.now() / 1000);
const claimsOf = (count: number) => ({
  iss: ISSUER,
  sub: `viewer-${count % DISTINCT_TOKENS}`,
  exp: iat + 3600,
  iat,
  catu: { scheme: { 'exact-match': 'https' }, path: { 'prefix-match': '/content' } },
  catm: ['GET', 'HEAD'],
  catr: { type: 'header' as const, expadd: 120, deadline: 60 },
});
const tokens = Array.from({ length: DISTINCT_TOKENS }, (_, count) =>
  maker.create(catClaimsFromJson(claimsOf(count))),
);
const tokenOf = (count: number): string => tokens[count % DISTINCT_TOKENS] ?? '';

const policy = { keys: [key], issuers: [ISSUER], audiences: [], clock: Date.now };
const request = { url: URL_CALLED, method: 'GET' };
const library = new CAT({ keys: { [KID]: secret }, expectCwtTag: true });

answerContests({
  verify: (count) => verifyCat(tokenOf(count), request, policy),
  create: (count) => maker.create(catClaimsFromJson(claimsOf(count))),
  'eyevinn-verify': async (count) => {
    const validation = { issuer: ISSUER, url: new URL(URL_CALLED) };
    const { error } = await library.validate(tokenOf(count), 'mac', validation);
    if (error !== undefined) throw error;
  },
  'eyevinn-create': (count) =>
    library.generateFromJson(claimsOf(count), {
      type: 'mac',
      alg: 'HS256',
      kid: KID,
      generateCwtId: true,
    }),
});
