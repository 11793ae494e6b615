// R12: how long a token that a new access policy ends is still let through, at a gateway that listens.
import { adminToken, callApi } from '../../test/admin-calls.ts';
import type { TestServer } from '../../test/harness.ts';
import type { Figure } from '../figure.ts';
import { LATEST_MS, measureUntilRefused } from './gateway/until-refused.ts';

/** A token issued in the second of a change may be taken for one from before it. */
const APART_MS = 2000;

export const policyChange: Figure = {
  id: 'R12-policies',
  claim:
    'a change of the access policies reaches the gateway within a second (p99), on the same node and on another',
  method: `A policy that blocks the app of a live token is made; from the answer on the gateway is asked again and again until it refuses the token. On PostgreSQL the gateway listens at another node than the one that made the policy. A token that passes for ${LATEST_MS / 1000} s longer is a failure. Before the next one the policy is deleted.`,
  trial: 'change',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 5, usual: 500 },
  measure: (settings) =>
    measureUntilRefused(settings, {
      failure: 'a token that a policy blocks passes',
      limit: 1000,
      begin: async (server) => {
        const admin = await adminToken(server);
        return () => block(server, admin);
      },
    }),
};

/** @returns what takes it back */
async function block(server: TestServer, admin: string): Promise<() => Promise<void>> {
  const policy = {
    name: 'Not this app',
    server_wide: true,
    conditions: { client: { any_of: [server.clients.confidential.id] } },
    outcome: { kind: 'block' },
  };
  const { status, text, body } = await callApi(server, admin, 'POST', '/admin/v1/policies', policy);
  if (status !== 201) throw new Error(text);
  return async () => {
    await callApi(server, admin, 'DELETE', `/admin/v1/policies/${String(body['id'])}`);
    server.clock.advance(APART_MS);
  };
}
