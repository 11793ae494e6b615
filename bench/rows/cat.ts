/** Common Access Tokens: what making and checking one costs, beside @eyevinn/cat with the same claims and secret. */
import { randomBytes } from 'node:crypto';
import { CAT } from '@eyevinn/cat';
import { catClaimsFromJson, createCatMaker, verifyCat } from '@tessera/tokens/cat';
import { createMacKey } from '@tessera/tokens/cose';
import type { Options } from '../options.ts';
import { perSecond, type Result, type Row, times } from '../row.ts';
import { spreadOf } from '../statistics.ts';

const KID = 'bench';
const ISSUER = 'https://issuer.example';
const URL_CALLED = 'https://video.example/content/path/segment.m4s';
/** Each is checked in turn, so that no answer could come from a memory. */
const DISTINCT_TOKENS = 1000;
/** So many between two looks at the clock. */
const BATCH = 50;

export const catRows: readonly Row[] = [
  { name: 'CAT HS256, verify (peer: @eyevinn/cat)', measure: (options) => measure('verify', 5, options) },
  { name: 'CAT HS256, create (peer: @eyevinn/cat)', measure: (options) => measure('create', 4, options) },
];

interface Contestant {
  verify(round: number): unknown;
  create(round: number): unknown;
}

async function measure(what: keyof Contestant, target: number, { runs, seconds }: Options): Promise<Result> {
  const [ours, peer] = createContestants();
  const oursRates: number[] = [];
  const peerRates: number[] = [];
  // The first run of each warms it up.
  for (let run = 0; run <= runs; run += 1) {
    peerRates.push(await rateOf((round) => peer[what](round), seconds / 2));
    oursRates.push(await rateOf((round) => ours[what](round), seconds / 2));
  }
  const measured = (rates: readonly number[]): readonly number[] => rates.slice(1);
  const ratio = spreadOf(measured(oursRates.map((rate, run) => rate / (peerRates[run] ?? 0))));
  const figures = { ours: spreadOf(measured(oursRates)), peer: spreadOf(measured(peerRates)), ratio };
  return {
    ours: perSecond(figures.ours.median),
    peer: perSecond(figures.peer.median),
    ratio: times(ratio),
    target: `≥ ${target}×`,
    met: ratio.median >= target,
    figures,
  };
}

/** The same claims and the same secret; both check signature, issuer, times and URI of the same tokens. */
function createContestants(): readonly [Contestant, Contestant] {
  const secret = randomBytes(32);
  const key = createMacKey({ kid: KID, secret });
  const maker = createCatMaker({ key, random: randomBytes });
  const issuedAt = Math.floor(Date.now() / 1000);
  const claimsFor = (round: number) => ({
    iss: ISSUER,
    sub: `viewer-${round}`,
    exp: issuedAt + 3600,
    iat: issuedAt,
    catu: { scheme: { 'exact-match': 'https' }, path: { 'prefix-match': '/content' } },
    catm: ['GET', 'HEAD'],
    catr: { type: 'header' as const, expadd: 120, deadline: 60 },
  });
  const tokens = Array.from({ length: DISTINCT_TOKENS }, (_, round) =>
    maker.create(catClaimsFromJson(claimsFor(round))),
  );
  const policy = { keys: [key], issuers: [ISSUER], audiences: [], clock: Date.now };
  const request = { url: URL_CALLED, method: 'GET' };
  const library = new CAT({ keys: { [KID]: secret }, expectCwtTag: true });
  return [
    {
      verify: (round) => verifyCat(tokens[round % DISTINCT_TOKENS] ?? '', request, policy),
      create: (round) => maker.create(catClaimsFromJson(claimsFor(round))),
    },
    {
      verify: async (round) => {
        const validation = { issuer: ISSUER, url: new URL(URL_CALLED) };
        const { error } = await library.validate(tokens[round % DISTINCT_TOKENS] ?? '', 'mac', validation);
        if (error !== undefined) throw error;
      },
      create: (round) =>
        library.generateFromJson(claimsFor(round), {
          type: 'mac',
          alg: 'HS256',
          kid: KID,
          generateCwtId: true,
        }),
    },
  ];
}

/** How often a second, over so many seconds; what answers with a promise is waited for. */
async function rateOf(once: (round: number) => unknown, seconds: number): Promise<number> {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < seconds * 1000) {
    for (let index = 0; index < BATCH; index += 1, count += 1) {
      const answer = once(count);
      if (answer instanceof Promise) await answer;
    }
  }
  return (count * 1000) / (performance.now() - start);
}
