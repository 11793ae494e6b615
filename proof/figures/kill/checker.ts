// After a restart: what was acknowledged is there, what was revoked is dead, what counts once counted at most once, and
// what nobody heard the answer to has happened or not, but not both.
import { type Chain, type HeldToken, isFresh } from './chain.ts';
import type { KillClient } from './client.ts';
import type { Stepped } from './steps.ts';

/** What it needs of a client. */
export type Asking = Pick<KillClient, 'perform' | 'isActive' | 'dice'>;

/** Settles what was open and looks at everything that the chain was given. @returns what is wrong, in words */
export async function settle(chain: Chain, client: Asking): Promise<readonly string[]> {
  const wrong: string[] = [];
  const expect = (holds: boolean, what: string): void => void (holds || wrong.push(`${chain.id}: ${what}`));
  await settleRequest(chain, client, expect);
  await settleCode(chain, client, expect);
  await settleDevice(chain, client, expect);
  await settleEnd(chain, client, expect);
  await settleRotation(chain, client, expect);
  await look(chain, client, expect);
  return wrong;
}

type Expect = (holds: boolean, what: string) => void;

/** Not answered again and again: the server was up, and did not answer. */
async function perform(
  chain: Chain,
  client: Asking,
  step: Parameters<Asking['perform']>[1],
): Promise<Stepped> {
  const stepped = await client.perform(chain, step);
  if (stepped === undefined) throw new Error(`${chain.id}: no answer to ${step} though nothing was killed`);
  return stepped;
}

async function settleRequest(chain: Chain, client: Asking, expect: Expect): Promise<void> {
  const { requestUri } = chain;
  if (requestUri === undefined || chain.code !== undefined || !isFresh(requestUri)) return;
  const before = requestUri.used;
  if (before === 'no' && client.dice(2) === 0) return;
  const { status } = await perform(chain, client, 'authorize');
  if (before === 'no') expect(status === 200, `an acknowledged request is lost (${status})`);
  if (before === 'yes') expect(status !== 200, 'a request was answered twice');
  if (status !== 200) return;
  const again = structuredClone(chain);
  expect((await perform(again, client, 'authorize')).status !== 200, 'a request was answered twice');
}

async function settleCode(chain: Chain, client: Asking, expect: Expect): Promise<void> {
  const { code } = chain;
  if (code === undefined || chain.ended !== 'no') return;
  if (code.used !== 'yes' && !isFresh(code)) return;
  const before = code.used;
  if (before === 'yes' && (chain.accessTokens.length === 0 || client.dice(8) > 0)) return;
  if (before === 'no' && client.dice(2) === 0) return;
  const { status } = await perform(chain, client, 'exchange');
  if (before === 'no') expect(status === 200, `an acknowledged code is lost (${status})`);
  if (before === 'yes') expect(status === 400, `a code was redeemed twice (${status})`);
  if (before !== 'maybe' || status !== 200) return;
  expect((await perform(chain, client, 'exchange')).status === 400, 'a code was redeemed twice');
}

async function settleDevice(chain: Chain, client: Asking, expect: Expect): Promise<void> {
  const { device, approved } = chain;
  if (device === undefined || chain.ended !== 'no' || !isFresh(device)) return;
  const before = device.used;
  if (before === 'yes') return;
  const { status, error } = await perform(chain, client, 'poll');
  if (error === 'slow_down') return;
  const isPending = error === 'authorization_pending';
  if (approved === 'no') expect(isPending, `an acknowledged device is lost (${status} ${error})`);
  if (approved === 'yes' && before === 'no')
    expect(status === 200, `an approval is lost (${status} ${error})`);
  if (approved === 'yes' && before === 'maybe') {
    expect(status === 200 || error === 'invalid_grant', `a device is neither (${status} ${error})`);
  }
  if (approved === 'maybe')
    expect(status === 200 || isPending, `an approval is neither (${status} ${error})`);
}

async function settleEnd(chain: Chain, client: Asking, expect: Expect): Promise<void> {
  if (chain.ended !== 'maybe') return;
  const states = new Set(await Promise.all(unrevoked(chain).map((token) => client.isActive(token))));
  states.delete(undefined);
  expect(states.size <= 1, 'a grant is half ended');
  const { status } = await perform(chain, client, 'revoke grant');
  expect(status === 200, `a revocation cannot be repeated (${status})`);
}

async function settleRotation(chain: Chain, client: Asking, expect: Expect): Promise<void> {
  if (chain.ended !== 'no' || chain.refreshTokens.length === 0) return;
  const before = chain.rotated;
  if (before === 'no' && client.dice(2) === 0) return;
  const { status, text } = await perform(chain, client, 'refresh');
  const what = before === 'no' ? 'an acknowledged refresh token is lost' : 'a rotation cannot be repeated';
  expect(status === 200, `${what} (${status} ${text.slice(0, 100)})`);
}

const unrevoked = ({ accessTokens }: Chain): readonly HeldToken[] =>
  accessTokens.filter(({ revoked }) => revoked === 'no');

/** Every token that was handed out: good, or dead, as the client was told. Changes nothing. */
export async function look(chain: Chain, client: Asking, expect: Expect): Promise<void> {
  const { ended, accessTokens, refreshTokens } = chain;
  await Promise.all(
    accessTokens.map(async (token) => {
      const isActive = await client.isActive(token);
      if (isActive === undefined) return;
      if (ended === 'yes') expect(!isActive, 'a token of an ended grant is alive');
      else if (token.revoked === 'yes') expect(!isActive, 'a revoked token is alive');
      else if (ended === 'no' && token.revoked === 'no') expect(isActive, 'an acknowledged token is lost');
    }),
  );
  if (ended !== 'yes' || refreshTokens.length === 0) return;
  const { status } = await perform(structuredClone(chain), client, 'refresh');
  expect(status === 400, `the refresh token of an ended grant is alive (${status})`);
}
