/** The settings of limits: one for each in the list of the limits' room. */
import type { ListenerLimits } from '../http/listener-limits.ts';
import { ATTEMPT_LIMITS, type AttemptLimitName } from '../limits/attempt-limits.ts';
import { type Limit, LIMIT_PATTERN, readLimit } from '../limits/limit.ts';
import { Type } from '../schema/type.ts';

type LimitKey<Name extends string> = `limit_${Name}`;
type LimitSettings = Readonly<Record<LimitKey<AttemptLimitName>, ReturnType<typeof Type.String>>>;

const names = Object.keys(ATTEMPT_LIMITS) as AttemptLimitName[];

/** Members of the schema. */
export const limitSettings = Object.fromEntries(
  names.map((name) => {
    const [standard, what] = ATTEMPT_LIMITS[name];
    const description = `How many ${what} are let through within a time, on all nodes together: \`100/15m\`; s, m or h, a day at most.`;
    return [keyOf(name), Type.String({ pattern: LIMIT_PATTERN, default: standard, description })];
  }),
) as unknown as LimitSettings;

type GivenLimits = Readonly<Record<LimitKey<AttemptLimitName>, string>>;

/** @throws RangeError for what `limitProblems` tells of */
export function attemptLimitsOf(config: GivenLimits): Readonly<Record<AttemptLimitName, Limit>> {
  const limits = names.map((name) => {
    const limit = readLimit(config[keyOf(name)]);
    if (limit === undefined) throw new RangeError(`${keyOf(name)} is no limit`);
    return [name, limit] as const;
  });
  return Object.fromEntries(limits) as Record<AttemptLimitName, Limit>;
}

/** One line for each that is no limit. */
export function limitProblems(config: GivenLimits): readonly string[] {
  return names
    .filter((name) => readLimit(config[keyOf(name)]) === undefined)
    .map((name) => `${keyOf(name)} counts within a day at most; write it like 100/15m.`);
}

interface GivenListenerLimits {
  readonly headers_timeout: number;
  readonly request_timeout: number;
  readonly keep_alive_timeout: number;
  readonly max_connections: number;
}

export function listenerLimitsOf(config: GivenListenerLimits): ListenerLimits {
  return {
    headersSeconds: config.headers_timeout,
    requestSeconds: config.request_timeout,
    keepAliveSeconds: config.keep_alive_timeout,
    connections: config.max_connections,
  };
}

function keyOf<Name extends AttemptLimitName>(name: Name): LimitKey<Name> {
  return `limit_${name}`;
}
