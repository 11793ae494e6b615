/**
 * Grants under access policies: what was looked up about a person is looked at again after the tokens are written, so
 * that none is handed out which the end of that person's tokens came too early for.
 * @spec RFC 6749 §5.2
 */
import type { GrantHandler } from '../grants/grant-handler.ts';
import type { PolicyJudge } from './judge-tokens.ts';

export type PoliciesAfterDependencies = Pick<PolicyJudge, 'hasPolicies' | 'judgeWritten'>;

/** Where there are no policies, a grant stays what it is, and nothing is awaited. */
export function withPolicies(handler: GrantHandler, policies: PoliciesAfterDependencies): GrantHandler {
  return {
    ...handler,
    exchange(form, client, context) {
      const response = handler.exchange(form, client, context);
      const known = policies.hasPolicies();
      if (known === false) return response;
      // What is not known at once is looked at below; nobody else hears of its failure.
      if (known instanceof Promise) known.catch(() => undefined);
      return response.then(async (tokens) => {
        await policies.judgeWritten(context);
        return tokens;
      });
    },
  };
}
