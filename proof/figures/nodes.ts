// R10-nodes: two nodes whose clocks differ.
import { cleanUp } from '../../packages/server/src/assembly/clean-up.ts';
import { createClientKey } from '../../test/assertions.ts';
import { startTestServer, type TestServer } from '../../test/harness.ts';
import { createMovableClock, MINUTE, SECOND } from '../../test/movable-clock.ts';
import { DEVICE_CODE_GRANT } from '../../packages/server/src/domain/client.ts';
import { Failures, type Figure, type Outcome, type Settings } from '../figure.ts';
import {
  type EndingToken,
  isActive,
  newToken,
  type Node,
  type NodesWorld,
  type Pair,
  proven,
  revoked,
  signedIn,
  type UsedThing,
} from './nodes/between.ts';

const APART_MS = 30 * SECOND;
const LIFETIME_MS = 90 * SECOND;
/** Proofs are good for five minutes, so until then one that was used must be known. */
const LOOKED_AT_AGAIN_MS: readonly number[] = [45 * SECOND, 5 * MINUTE - APART_MS / 2];
const BETWEEN_ROUNDS_MS = 10 * MINUTE;
const REFRESH_GRACE_MS = 10 * SECOND;

export const nodes: Figure = {
  id: 'R10-nodes',
  claim: `of two nodes whose clocks are ${APART_MS / 1000} s apart one takes what the other has just given; what one has used or revoked the other refuses; no token is good after its end by the clock of the node that is asked`,
  method: `In each round, both ways: a person signs in at one node, and the other redeems the code, knows the sign-in, answers the pushed request, lets the device in, renews and signs out; a DPoP proof, a client assertion and a revocation come to the other as well. Then both clocks move on, the one that is ahead clears away what is over by its time, and all that was used is tried again at both, until proofs are over by both. A token of each node is asked about at both a millisecond before its end and at its end by the clock of either. Not claimed, and not tried: that an app which was registered seconds ago can sign people in at the node that is behind (five seconds are allowed for), that an API takes a JWT from ahead of its own clock (five, too), and that a refresh token may be repeated at the other node.`,
  trial: 'round',
  grounds: ['postgres'],
  sizes: { test: 2, usual: 100 },
  measure,
};

async function measure({ ground, rounds, tell }: Settings): Promise<Outcome> {
  if (ground !== 'postgres') throw new Error('two nodes need PostgreSQL');
  const apart = await openApart();
  try {
    const failures = new Failures();
    for (let round = 1; round <= rounds; round += 1) {
      // oxlint-disable-next-line no-await-in-loop -- there is one pair of clocks
      failures.add(await apart.round());
      if (round % 20 === 0) tell(`${round} of ${rounds}, ${failures.failed} failed`);
    }
    const { failed, told } = failures;
    return { trials: rounds, failed, failures: told, figures: { apartSeconds: APART_MS / 1000 } };
  } finally {
    await apart.close();
  }
}

export interface Apart {
  /** @returns what is wrong, in words */
  round(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** @param tooSoonMs so much too soon the node that is ahead clears away what is over: for the test that this is noticed */
export async function openApart({ tooSoonMs = 0 } = {}): Promise<Apart> {
  const server = await startTestServer({ store: 'postgres', config: { log_level: 'error' } });
  const clock = createMovableClock();
  const behind: Node = { name: 'behind', base: server.base, clock: server.clock };
  const ahead: Node = { name: 'ahead', base: await server.addNode({ clock }), clock };
  const world = await worldOf(server);
  const purge = (): Promise<unknown> =>
    cleanUp(server.tessera.store, clock.now() + tooSoonMs, REFRESH_GRACE_MS);
  // Apps are older than the clocks differ.
  let now = Date.now() + 2 * APART_MS;
  return {
    async round() {
      const wrong = await tryRound(world, { behind, ahead, now, purge });
      now += BETWEEN_ROUNDS_MS;
      return wrong;
    },
    close: () => server.close(),
  };
}

async function worldOf(server: TestServer): Promise<NodesWorld> {
  const api = 'https://ninety.example/';
  await server.registerResource({
    identifier: api,
    tokenFormat: 'opaque',
    accessTokenLifetime: LIFETIME_MS / 1000,
    resourceServers: [server.clients.musicServer.id],
  });
  const key = createClientKey('k1');
  return {
    server,
    issuer: server.issuer,
    api,
    key,
    tv: await server.registerClient({
      id: 'tv',
      applicationType: 'native',
      redirectUris: [],
      tokenEndpointAuthMethod: 'none',
      grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
    }),
    signer: await server.registerClient({
      id: 'signer',
      tokenEndpointAuthMethod: 'private_key_jwt',
      grantTypes: ['client_credentials'],
      metadata: { jwks: { keys: [key.jwk] } },
    }),
  };
}

interface Round {
  readonly behind: Node;
  readonly ahead: Node;
  /** Milliseconds: when it begins, by the clock that is behind. */
  readonly now: number;
  /** The node that is ahead clears away what is over. */
  readonly purge: () => Promise<unknown>;
}

async function tryRound(world: NodesWorld, { behind, ahead, now, purge }: Round): Promise<readonly string[]> {
  const moveTo = (moment: number): void => {
    behind.clock.stopAt(moment);
    ahead.clock.stopAt(moment + APART_MS);
  };
  moveTo(now);
  const pairs: readonly Pair[] = [
    { from: behind, to: ahead },
    { from: ahead, to: behind },
  ];
  const wrong: string[] = [];
  const used: UsedThing[] = [];
  // oxlint-disable no-await-in-loop -- there is one pair of clocks
  for (const pair of pairs) {
    for (const attempt of [signedIn, proven, revoked]) {
      const tried = await attempt(world, pair);
      wrong.push(...tried.wrong.map((one) => `from the node ${pair.from.name}: ${one}`));
      used.push(...tried.used);
    }
  }
  // The clocks only ever go on: whatever a node on duty clears away in between is over for good.
  for (const [turn, later] of LOOKED_AT_AGAIN_MS.entries()) {
    if (turn > 0) wrong.push(...(await tryEnds(world, { both: [behind, ahead], moveTo })));
    moveTo(now + later);
    await purge();
    const again = used.flatMap((thing) => [behind, ahead].map((node) => tryAgain(thing, node)));
    wrong.push(...(await Promise.all(again)).flat());
  }
  // oxlint-enable no-await-in-loop
  return wrong;
}

async function tryAgain({ what, isTakenAgain }: UsedThing, node: Node): Promise<readonly string[]> {
  return (await isTakenAgain(node)) ? [`${what} is taken again at the node ${node.name}`] : [];
}

interface Ends {
  readonly both: readonly Node[];
  readonly moveTo: (moment: number) => void;
}

/** Each node by its own clock: good until the end, not from there on. */
async function tryEnds(world: NodesWorld, { both, moveTo }: Ends): Promise<readonly string[]> {
  const wrong: string[] = [];
  // oxlint-disable no-await-in-loop -- there is one pair of clocks
  const tokens: EndingToken[] = [];
  for (const node of both) tokens.push(await newToken(world, node));
  const moments = tokens.flatMap(({ endsAt }) => [
    endsAt - APART_MS - 1,
    endsAt - APART_MS,
    endsAt - 1,
    endsAt,
  ]);
  for (const moment of moments.toSorted((one, other) => one - other)) {
    moveTo(moment);
    const asked = both.flatMap((node) => tokens.map((token) => tryEnd(world, node, token)));
    wrong.push(...(await Promise.all(asked)).flat());
  }
  // oxlint-enable no-await-in-loop
  return wrong;
}

async function tryEnd(
  world: NodesWorld,
  node: Node,
  { value, endsAt }: EndingToken,
): Promise<readonly string[]> {
  const shouldBe = node.clock.now() < endsAt;
  if ((await isActive(world, node, value)) === shouldBe) return [];
  return [`a token is ${shouldBe ? 'refused before' : 'good after'} its end at the node ${node.name}`];
}
