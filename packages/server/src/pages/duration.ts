/** A length of time as a person says it, rounded up: "45 seconds", "15 minutes", "2 hours", "180 days". */
export function inWords(seconds: number): string {
  const [size, unit] = UNITS.find(([, , upTo]) => seconds < upTo) ?? DAYS;
  const count = Math.max(1, Math.ceil(seconds / size));
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const DAYS = [86_400, 'day', Number.POSITIVE_INFINITY] as const;
const UNITS = [[1, 'second', 60], [60, 'minute', 7200], [3600, 'hour', 172_800], DAYS] as const;
