/** What was asked of the APIs, in all its states: on the way, failed, gone, there. A list has `ListView`. */
import type { ReactNode } from 'react';
import type { ApiProblem } from '../api/problem.ts';
import { Loading } from './loading.tsx';
import { ProblemBox } from './problem-box.tsx';

export interface AskedProps<Data> {
  /** What it is, in lower case, such as `the keys`. */
  readonly what: string;
  /** As `useAsk` gives it. */
  readonly asked: {
    readonly data: Data | undefined;
    readonly error: ApiProblem | null;
    readonly refetch: () => unknown;
  };
  /** Shown where the server says that there is no such thing. */
  readonly absent?: ReactNode;
  readonly children: (data: Data) => ReactNode;
}

/** What was there once stays on the screen, whatever the next look says. */
export function Asked<Data>({ what, asked: { data, error, refetch }, absent, children }: AskedProps<Data>) {
  if (data !== undefined) return children(data);
  if (error === null) return <Loading what={what} />;
  if (error.status === 404 && absent !== undefined) return absent;
  return <ProblemBox problem={error} retry={() => void refetch()} />;
}
