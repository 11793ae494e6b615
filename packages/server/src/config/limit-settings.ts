/** The settings of limits: one for each in the list of the limits' room. */
import type { ListenerLimits } from '../http/listener-limits.ts';
import { ATTEMPT_LIMITS, type AttemptLimitName } from '../limits/attempt-limits.ts';
import { type Limit, LIMIT_PATTERN, readLimit } from '../limits/limit.ts';
import { createRequestRate, type RequestRate } from '../limits/request-rates.ts';
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

const rate = (standard: string, what: string) =>
  Type.String({
    pattern: `^off$|${LIMIT_PATTERN}`,
    default: standard,
    description: `How many requests ${what} are taken within a time, by each node: \`1000/1s\`; s, m or h. \`off\`: any number.`,
  });

/** Members of the schema. What is off has no number that is right everywhere. */
export const rateSettings = {
  rate_per_client: rate('off', 'to OAuth endpoints of one app, a public one from one address,'),
  rate_per_address: rate('off', 'from one address (set trusted_proxies first, or all are one)'),
  rate_per_token: rate('30000/1m', 'with one access token to the APIs of Tessera'),
  rate_per_account: rate('60000/1m', 'of one person to the APIs of Tessera'),
};

export type RateName = keyof typeof rateSettings;
type GivenRates = Readonly<Record<RateName, string>>;

/** The rates that are not off, counted from now on. @throws RangeError for what `limitProblems` tells of */
export function requestRatesOf(
  config: GivenRates,
  monotonic: () => number,
): Partial<Readonly<Record<RateName, RequestRate>>> {
  const rates = rateNames
    .filter((name) => config[name] !== 'off')
    .map((name) => {
      const limit = readLimit(config[name]);
      if (limit === undefined) throw new RangeError(`${name} is no limit`);
      return [name, createRequestRate(limit, monotonic)] as const;
    });
  return Object.fromEntries(rates);
}

const rateNames = Object.keys(rateSettings) as RateName[];

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
export function limitProblems(config: GivenLimits & GivenRates): readonly string[] {
  const rates = rateNames.filter((name) => config[name] !== 'off');
  return [...names.map(keyOf), ...rates]
    .filter((key) => readLimit(config[key]) === undefined)
    .map((key) => `${key} counts within a day at most; write it like 100/15m.`);
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
