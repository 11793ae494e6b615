/** Asking the APIs from a screen. What is shown is always what the server said last; nothing is assumed. */
import {
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { type Answer, call, type Given, type OperationName } from './call.ts';
import type { Operations } from './described.ts';
import type { ApiProblem } from './problem.ts';

interface AskOptions {
  /** Milliseconds between two looks at what changes by itself. */
  readonly every?: number;
  /** False: not yet. */
  readonly when?: boolean;
}

/** Reads. */
export function useAsk<Name extends ReadName>(
  name: Name,
  given: Given<Name>,
  { every, when = true }: AskOptions = {},
): UseQueryResult<Answer<Name>, ApiProblem> {
  return useQuery<Answer<Name>, ApiProblem>({
    queryKey: [name, given],
    queryFn: async ({ signal }) => call(name, given, signal),
    enabled: when,
    ...(every === undefined ? {} : { refetchInterval: every }),
  });
}

/** Writes; afterwards everything on the screen is asked for again. */
export function useTell<Name extends OperationName>(
  name: Name,
): UseMutationResult<Answer<Name>, ApiProblem, Given<Name>> {
  const queries = useQueryClient();
  return useMutation<Answer<Name>, ApiProblem, Given<Name>>({
    mutationFn: async (given) => call(name, given),
    onSuccess: async () => queries.invalidateQueries(),
  });
}

export type ReadName = Extract<OperationName, `GET ${string}`>;

/** Names of lists that come in pages. */
export type ListName = {
  [Name in ReadName]: Operations[Name]['answer'] extends {
    readonly items: readonly unknown[];
    readonly next_cursor?: string;
  }
    ? Name
    : never;
}[ReadName];

export type Item<Name extends ListName> = Operations[Name]['answer'] extends {
  readonly items: readonly (infer Each)[];
}
  ? Each
  : never;

export interface List<Each> {
  readonly items: readonly Each[] | undefined;
  readonly problem: ApiProblem | null;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
  readonly retry: () => void;
}

/** Reads a list, page by page. */
export function useList<Name extends ListName>(
  name: Name,
  given: Given<Name>,
  { every, when = true }: AskOptions = {},
): List<Item<Name>> {
  const found = useInfiniteQuery({
    queryKey: [name, given],
    queryFn: async ({ pageParam, signal }) =>
      (await call(
        name,
        {
          ...given,
          query: { ...given.query, ...(pageParam === '' ? {} : { cursor: pageParam }) },
        },
        signal,
      )) as { readonly items: readonly Item<Name>[]; readonly next_cursor?: string },
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor,
    enabled: when,
    ...(every === undefined ? {} : { refetchInterval: every }),
  });
  return {
    items: found.data?.pages.flatMap(({ items }) => items),
    problem: found.error as ApiProblem | null,
    hasMore: found.hasNextPage,
    isLoadingMore: found.isFetchingNextPage,
    loadMore: () => void found.fetchNextPage(),
    retry: () => void found.refetch(),
  };
}
