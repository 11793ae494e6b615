// R6 at the server: whatever apps, people and browsers present to it, with something changed.
import { startTestServer } from '../../test/harness.ts';
import { createDice } from '../../packages/tokens/testing/mutated-bytes.ts';
import { Failures, type Figure, type Outcome, type Settings } from '../figure.ts';
import { browserCookies, mailLinks, requestUris, waitingRequests } from './mutated/cookies.ts';
import { changeCredential, type Credential, tryChanged, tryGood } from './mutated/credential.ts';
import { bearerTokens, grants, proofs, registrationTokens } from './mutated/tokens.ts';

const AT_ONCE = 8;
/** Whoever guesses is told to wait long before this; that is not what is tried here. */
const UNLIMITED = '999999/1m';

export const mutatedCredentials: Figure = {
  id: 'R6-server',
  claim:
    'a server accepts nothing that it handed out, or that was signed for it, once something is changed in it',
  method:
    'Access tokens, personal and client tokens, refresh tokens, codes and their verifiers, device codes, pushed requests, client secrets and assertions, DPoP proofs, JWTs that are traded for a token, registration tokens, cookies, tokens of forms and links by mail are presented to a running server with characters and bytes flipped, cut, doubled, moved and exchanged with those of others. None may count, no answer may be a 5xx, and nothing is logged as an error. At the end each is presented as it was, and has to be good still.',
  trial: 'request',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 500, usual: 20_000 },
  measure,
};

async function measure({ ground, rounds, seed, tell }: Settings): Promise<Outcome> {
  if (ground === 'none') throw new Error('a server needs a database');
  const server = await startTestServer({
    store: ground,
    config: {
      log_level: 'error',
      sign_up: 'on',
      dynamic_registration: 'open',
      limit_client_failures_per_client_and_address: UNLIMITED,
      limit_client_failures_per_address: UNLIMITED,
      limit_devices_per_address: UNLIMITED,
    },
  });
  try {
    // Nothing comes to its end while it is tried.
    server.clock.stopAt(server.clock.now());
    const credentials = [
      ...(await bearerTokens(server)),
      ...(await grants(server)),
      ...(await proofs(server)),
      await registrationTokens(server),
      await waitingRequests(server),
      await requestUris(server),
      await mailLinks(server),
      ...(await browserCookies(server)),
    ];
    const failures = await tryAll(credentials, { rounds, seed, tell });
    for (const credential of credentials) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other: some use up what others need
      failures.add(await tryGood(credential));
    }
    failures.add(server.log.filter((line) => /"level":(50|60)/.test(line)).map((line) => `logged: ${line}`));
    const { failed, told } = failures;
    return { trials: rounds, failed, failures: told, figures: { kindsOfCredential: credentials.length } };
  } finally {
    await server.close();
  }
}

/** In turn, so that each is tried as often as the others. */
export async function tryAll(
  credentials: readonly Credential[],
  { rounds, seed, tell }: Pick<Settings, 'rounds' | 'seed' | 'tell'>,
): Promise<Failures> {
  const [dice, failures] = [createDice(seed), new Failures()];
  let sent = 0;
  const lane = async (): Promise<void> => {
    while (sent < rounds) {
      const credential = credentials[sent % credentials.length];
      sent += 1;
      if (sent % 5000 === 0) tell(`${sent} of ${rounds}, ${failures.failed} failed`);
      // oxlint-disable-next-line no-await-in-loop -- one after the other in each lane
      if (credential !== undefined)
        failures.add(await tryChanged(credential, changeCredential(credential, dice)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return failures;
}
