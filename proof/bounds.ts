// What trials say of a rate.

/**
 * The 95 % upper bound of the rate of failures (one-sided; Clopper and Pearson): the rate at which so few failures would
 * come in one of twenty such runs. Without a failure it is about 3/n.
 * @throws RangeError unless 0 ≤ failures ≤ trials
 */
export function upperBound(failures: number, trials: number, risk = 0.05): number {
  if (!(failures >= 0 && failures <= trials && trials > 0)) throw new RangeError('no such run');
  if (failures === trials) return 1;
  let [low, high] = [failures / trials, 1];
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (atMost(failures, trials, middle) > risk) low = middle;
    else high = middle;
  }
  return high;
}

/** The chance of no more than so many failures, each at the rate. */
function atMost(failures: number, trials: number, rate: number): number {
  let [logTerm, sum] = [trials * Math.log1p(-rate), 0];
  for (let count = 0; count <= failures; count += 1) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((trials - count) / (count + 1)) + Math.log(rate) - Math.log1p(-rate);
  }
  return sum;
}

/** The value that a share of the others does not exceed. @throws Error without a value */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('no values');
  return value;
}
