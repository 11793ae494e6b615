/** One check of an MCP server: what was looked for, what was found, which line asks for it, and what to do. */

export type Step =
  | 'challenge'
  | 'protected resource'
  | 'authorization server'
  | 'registration'
  | 'authorization'
  | 'token'
  | 'call';

/** `warn`: the specification advises it, or one of the clients needs it; `skip`: it could not be looked at. */
export type Outcome = 'pass' | 'warn' | 'fail' | 'skip';

export interface Check {
  readonly step: Step;
  readonly check: string;
  readonly outcome: Outcome;
  readonly detail: string;
  /** The line of the specification that asks for it. */
  readonly spec: string;
  /** What to do, where it is not well. */
  readonly fix?: string;
}

/** A check that is still to be decided. */
export interface Rule {
  readonly pass: (detail: string) => Check;
  readonly skip: (detail: string) => Check;
  readonly warn: (detail: string, fix: string) => Check;
  readonly fail: (detail: string, fix: string) => Check;
  /** @param isNeeded whether the client cannot do without: `fail`, else `warn` */
  readonly missed: (isNeeded: boolean, detail: string, fix: string) => Check;
}

export function rule(step: Step, check: string, spec: string): Rule {
  const decided = (outcome: Outcome, detail: string): Check => ({ step, check, outcome, detail, spec });
  const missed: Rule['missed'] = (isNeeded, detail, fix) => ({
    ...decided(isNeeded ? 'fail' : 'warn', detail),
    fix,
  });
  return {
    pass: (detail) => decided('pass', detail),
    skip: (detail) => decided('skip', detail),
    warn: (detail, fix) => missed(false, detail, fix),
    fail: (detail, fix) => missed(true, detail, fix),
    missed,
  };
}

/** What a step found: its checks, and what the next step needs, if it is there. */
export interface Found<Result> {
  readonly checks: readonly Check[];
  readonly result?: Result;
}
