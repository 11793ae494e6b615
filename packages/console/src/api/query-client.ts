/** What is remembered of the server's answers, and what happens when it says: sign in. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { signInAddress } from '../shell/address.ts';
import { ApiProblem } from './problem.ts';

const TRIES = 2;

/** @param askAgain told when an act wants a sign-in of the last minutes */
export function createQueryClient(askAgain: () => void): QueryClient {
  const onError = (problem: unknown): void => {
    if (!(problem instanceof ApiProblem)) return;
    if (problem.code === 'not_signed_in') location.assign(signInAddress());
    if (problem.code === 'recent_sign_in_required') askAgain();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 2000,
        // What was refused stays refused; only what failed is worth another try.
        retry: (failures, problem) =>
          failures < TRIES &&
          problem instanceof ApiProblem &&
          (problem.status === 0 || problem.status >= 500),
      },
      mutations: { retry: false },
    },
  });
}
