/** Figures on the wire: how many tokens were issued, verified and refused, by the minute or by the hour. */
import type { Usage, UsageAt, UsageOf } from '../../ports/usage.ts';
import { USAGE_KINDS } from '../../ports/usage.ts';
import { type Static, Type } from '../../schema/type.ts';
import { Seconds, toSeconds } from '../seconds.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });

const FIGURES = {
  issued: Count('Access tokens issued'),
  verified: Count(
    'Questions of APIs about tokens that were good; a JWT that an API checks itself is not among them',
  ),
  refused: Count('Requests that were refused'),
};

/** Members of an answer with figures of the last 24 hours. */
export const usageMembers = {
  since: Seconds('The begin of the first time'),
  per: Type.Enum(['minute', 'hour']),
  totals: Type.Object(FIGURES),
  times: Type.Array(Type.Object({ at: Seconds('When it begins'), ...FIGURES }), {
    description: 'Each in order, those without anything too; the last is still running',
  }),
  refusal_reasons: Type.Array(
    Type.Object({
      reason: Type.String({ description: 'The code of the error' }),
      count: Type.Integer(),
      percent: Type.Number({ description: 'Of all refusals' }),
    }),
    { description: 'The most frequent first' },
  ),
};

const UsageSchema = Type.Object(usageMembers);

const SPAN_MS = 24 * 3_600_000;
const GRAIN_MS = { minute: 60_000, hour: 3_600_000 } as const;

export type Per = keyof typeof GRAIN_MS;

/** @param now milliseconds */
export async function usageOf(
  usage: Pick<Usage, 'counts' | 'reasons'>,
  of: Omit<UsageOf, 'since'>,
  per: Per,
  now: number,
): Promise<Static<typeof UsageSchema>> {
  const grain = GRAIN_MS[per];
  const since = now - (now % grain) - SPAN_MS + grain;
  const [counts, reasons] = await Promise.all([
    usage.counts({ ...of, since }, per),
    usage.reasons({ ...of, since: since - (since % GRAIN_MS.hour) }),
  ]);
  const refusals = reasons.reduce((sum, { count }) => sum + count, 0);
  return {
    since: toSeconds(since),
    per,
    totals: totalsOf(counts),
    times: timesOf(counts, since, grain),
    refusal_reasons: reasons.map(({ reason, count }) => ({
      reason,
      count,
      percent: Math.round((count * 1000) / refusals) / 10,
    })),
  };
}

const nothing = () => ({ issued: 0, verified: 0, refused: 0 });

function totalsOf(counts: readonly UsageAt[]) {
  const totals = nothing();
  for (const { kind, count } of counts) totals[kind] += count;
  return totals;
}

function timesOf(counts: readonly UsageAt[], since: number, grain: number) {
  const times = Array.from({ length: SPAN_MS / grain }, (_, index) => ({
    at: toSeconds(since + index * grain),
    ...nothing(),
  }));
  for (const { at, kind, count } of counts) {
    const time = times[(at - since) / grain];
    if (time !== undefined && USAGE_KINDS.includes(kind)) time[kind] += count;
  }
  return times;
}
