/**
 * Redeems codes and rotates refresh tokens as fast as it can, telling each step on its output, until it is killed.
 * Usage: node crash-child.ts <database url>
 */
import { writeSync } from 'node:fs';
import { openStore, StoreOpenError } from '../open-store.ts';
import { accessToken, audit, authorize, bytes, family, NOW, refreshToken } from './samples.ts';

const hex = (of: Uint8Array): string => Buffer.from(of).toString('hex');
/** Written at once: what was said before the kill has been said. */
const say = (...words: readonly string[]): void => void writeSync(1, `${words.join(' ')}\n`);

try {
  const store = await openStore({ url: process.argv[2] ?? '' });
  say('open');
  const live = async (): Promise<never> => {
    for (;;) {
      const { grant, code } = await authorize(store);
      const first = accessToken(grant);
      const line = family(grant);
      let token = refreshToken(line);
      const reuseAudit = audit('authorization_code.reused');
      say('redeeming', hex(code.hash), hex(first.id), hex(token.hash));
      const refresh = { family: line, token };
      const redeemed = await store.grants.redeemCode({
        codeHash: code.hash,
        at: NOW,
        accessToken: first,
        refresh,
        reuseAudit,
      });
      say(redeemed, hex(code.hash));
      for (let turn = 0; turn < 3; turn += 1) {
        const successor = refreshToken(line);
        const access = accessToken(grant);
        const rotation = {
          hash: token.hash,
          at: NOW,
          successor,
          accessToken: access,
          sealedAnswer: bytes(),
          graceMs: 0,
          reuseAudit,
        };
        say('rotating', hex(token.hash), hex(access.id), hex(successor.hash));
        const { outcome } = await store.refreshTokens.rotate(rotation);
        say(outcome, hex(token.hash));
        token = successor;
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, live));
} catch (error) {
  say('refused', error instanceof StoreOpenError ? error.code : String(error));
  process.exit(1);
}
