// R12: how long a revoked token is still let through, at a gateway that listens.
import { revoke } from '../../test/oauth-calls.ts';
import type { Figure } from '../figure.ts';
import { LATEST_MS, measureUntilRefused } from './gateway/until-refused.ts';

export const revocation: Figure = {
  id: 'R12',
  claim: 'a revocation reaches the gateway within 100 ms on the same node (p99), within a second on another',
  method: `A token is revoked; from the answer on the gateway is asked again and again until it refuses the token. On PostgreSQL the gateway listens at another node than the one that revoked. A token that passes for ${LATEST_MS / 1000} s longer is a failure.`,
  trial: 'revocation',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 10, usual: 500 },
  measure: (settings) =>
    measureUntilRefused(settings, {
      failure: 'a revoked token passes',
      limit: settings.ground === 'postgres' ? 1000 : 100,
      begin: async (server) => async (token) =>
        void (await revoke(server, token, server.clients.confidential)),
    }),
};
