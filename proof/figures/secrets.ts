// R18: everything that is handed out is looked for wherever something is kept or told to others.
import { adminToken, callApi } from '../../test/admin-calls.ts';
import { startGateway, startUpstream, type TestGateway } from '../../test/gateway.ts';
import { EVERY_FLOW, handOutSecrets, RETOLD } from '../../test/handed-out.ts';
import { startTestServer, type TestServer } from '../../test/harness.ts';
import { type Mistake, mistakesAt } from '../../test/mistakes.ts';
import { MINUTE } from '../../test/movable-clock.ts';
import { startMusic } from '../../test/music.ts';
import { read } from '../../test/oauth-calls.ts';
import { type RecordedSpan, recordSpans } from '../../test/recorded-spans.ts';
import { MUSIC } from '../../test/registrations.ts';
import { signIn } from '../../test/second-factors.ts';
import { contentOf, foundIn, type Secrets } from '../../test/secrets.ts';
import { Failures, type Figure, type Outcome, type Settings } from '../figure.ts';

const PAGES = ['/login', '/logout', '/device', '/signup', '/recover', '/explain', '/console'];
/** Fewer than one address may make before it is told to wait: then nothing would be looked at. */
const MISTAKES_A_MINUTE = 10;

export const secrets: Figure = {
  id: 'R18',
  claim: 'no secret that is handed out stands in anything that is kept, or told to anybody else',
  method: `The flows in which people and apps are given something run again and again, each time with others: tokens of every kind, codes, app secrets, cookies, links by mail, passwords, seeds and recovery codes are collected as they are handed out. Each is then presented where people put it by mistake, at the server, at an API and at a gateway (not as a redirect URI, which is kept when it is refused, and not as a path at the gateway, whose log shows paths: of both only what has the form of a token is left out). At the end every one is searched for, in six spellings, in the database (the files of SQLite with its log, the rows of PostgreSQL), in the logs at their most talkative, in metrics and traces, in what the admin API lists and exports, in pages of somebody else, and in the answers to the mistakes.`,
  trial: 'secret',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 40, usual: 1000 },
  measure,
};

/** Something that is kept or told, whole. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

interface World {
  readonly server: TestServer;
  readonly gateway: TestGateway;
  readonly mistakes: readonly Mistake[];
  readonly spans: readonly RecordedSpan[];
  /** What came back for a mistake. */
  readonly told: string[];
}

async function measure({ ground, rounds, tell }: Settings): Promise<Outcome> {
  if (ground === 'none') throw new Error('secrets are kept in a database');
  const spans: RecordedSpan[] = [];
  const stopRecording = recordSpans(spans);
  const server = await startTestServer({ store: ground, config: { ...EVERY_FLOW, traces: 'on' } });
  const [music, upstream] = [await startMusic(server), await startUpstream()];
  const { id, secret } = server.clients.musicServer;
  const gateway = await startGateway({
    issuers: { main: { url: server.issuer, client_id: id, client_secret: secret } },
    routes: { api: { path: '/', upstream: upstream.url, verify_access_token: { audience: MUSIC } } },
  });
  const mistakes = [...mistakesAt(server, music), ...mistakesAtGateway(gateway)];
  const world: World = { server, gateway, mistakes, spans, told: [] };
  try {
    const [collected, failures]: [Secrets, Failures] = [new Map(), new Failures()];
    for (let turn = 1; collected.size < rounds; turn += 1) {
      const before = collected.size;
      // oxlint-disable no-await-in-loop -- one turn after the other
      await handOutSecrets(server, collected, turn);
      failures.add(await makeMistakes(world, [...collected.values()].slice(before)));
      // oxlint-enable no-await-in-loop
      if (turn % 5 === 0) tell(`${collected.size} of ${rounds}`);
    }
    const places = await placesOf(world);
    failures.add(places.filter(({ text }) => text.length < 100).map(({ name }) => `${name} is empty`));
    for (const leak of leaksIn(places, collected)) failures.add([leak]);
    return outcomeOf(collected.size, places, failures);
  } finally {
    await gateway.close();
    await upstream.close();
    await music.close();
    await server.close();
    stopRecording();
  }
}

function outcomeOf(trials: number, places: readonly Place[], { failed, told }: Failures): Outcome {
  const characters = places.reduce((sum, { text }) => sum + text.length, 0);
  return {
    trials,
    failed,
    failures: told,
    figures: {
      places: places.length,
      pairs: trials * places.length,
      searchedMiB: Math.ceil(characters / 2 ** 20),
    },
  };
}

/** One line for each secret that is somewhere, with every place where it is; not the secret itself. */
export function leaksIn(places: readonly Place[], collected: Secrets): readonly string[] {
  const leaks = new Map<string, string[]>();
  for (const { name, text } of places) {
    for (const what of foundIn(text, collected)) leaks.set(what, [...(leaks.get(what) ?? []), name]);
  }
  return [...leaks].map(([what, names]) => `${what} is in ${names.join(', ')}`);
}

function mistakesAtGateway({ url }: TestGateway): readonly Mistake[] {
  return [
    (value) => fetch(`${url}/tracks?access_token=${encodeURIComponent(value)}`),
    (value) => fetch(`${url}/tracks`, { headers: { authorization: `Bearer x${encodeURIComponent(value)}` } }),
  ];
}

/** Each secret in one place where it does not belong, and each of these places in turn. */
async function makeMistakes(
  { server, mistakes, told }: World,
  values: readonly string[],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [index, value] of values.entries()) {
    const number = (told.length + index) % mistakes.length;
    if (index % MISTAKES_A_MINUTE === 0) server.clock.advance(MINUTE);
    // oxlint-disable-next-line no-await-in-loop -- so many at once would only wait for each other
    const { status, text, headers } = await answerTo(mistakes[number], value);
    told.push(`${text} ${JSON.stringify([...headers])}`);
    if (status < 400 || status >= 500) wrong.push(`mistake ${number} is answered with ${status}`);
  }
  return wrong;
}

async function answerTo(mistake: Mistake | undefined, value: string) {
  if (mistake === undefined) throw new Error('no such mistake');
  const answer = await mistake(value);
  return answer instanceof Response ? await read(answer) : answer;
}

async function placesOf({ server, gateway, spans, told }: World): Promise<readonly Place[]> {
  const admin = await adminToken(server);
  const retold = await Promise.all(
    RETOLD.map(async (path) => ({ name: path, text: (await callApi(server, admin, 'GET', path)).text })),
  );
  const metrics = await fetch(`${gateway.managementUrl}/metrics`);
  return [
    { name: 'the log', text: server.log.join('\n') },
    { name: 'the log of the gateway', text: gateway.log.join('\n') },
    { name: 'the metrics', text: await server.tessera.metrics.text() },
    { name: 'the metrics of the gateway', text: await metrics.text() },
    { name: 'the traces', text: JSON.stringify(spans) },
    { name: 'the database', text: await contentOf(server.databaseUrl) },
    { name: 'the answers to mistakes', text: told.join('\n') },
    ...retold,
    ...(await pages(server)),
  ];
}

/** As somebody sees them who was given none of it. */
async function pages(server: TestServer): Promise<readonly Place[]> {
  const browser = server.newBrowser();
  await signIn(
    server,
    browser,
    await server.registerPerson({ email: 'reader@example.test', password: 'reads all the pages' }),
  );
  return Promise.all(PAGES.map(async (path) => ({ name: path, text: (await browser.get(path)).page })));
}
