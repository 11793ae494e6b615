/** One request on its way: what is known of it so far, for the answer and for the report. */
import type { IncomingMessage } from 'node:http';
import type { ChallengeOptions } from '@tessera/verifier';
import type { Generation } from './generation.ts';
import type { Caller } from './headers/caller.ts';
import { metadataPathOf } from './metadata.ts';
import type { RequestTarget } from './request-target.ts';
import type { RequestTrace } from './observe/traces.ts';
import type { Route } from './route.ts';

export interface Visit {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly generation: Generation;
  /** Of `performance.now()`. */
  readonly startedAt: number;
  caller?: Caller;
  target?: RequestTarget;
  route?: Route;
  /** `passed`, or the code of the refusal. */
  outcome: string;
  status: number;
  /** Of `performance.now()`, when the request went to the upstream. */
  forwardedAt?: number;
  failure?: unknown;
  /** Present where traces are on. */
  readonly trace?: RequestTrace;
}

/** What a refusal says of the API: its name here, and where its metadata are. */
export function challengeOptions({ caller, route }: Pick<Visit, 'caller' | 'route'>): ChallengeOptions {
  if (route?.guard === undefined || caller === undefined) return { realm: 'gateway' };
  if (!URL.canParse(route.guard.config.audience)) return { realm: route.name };
  return { realm: route.name, resourceMetadataUrl: caller.origin + metadataPathOf(route) };
}
