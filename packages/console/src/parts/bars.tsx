/** A number over time, as bars: for a glance. What is drawn is said in words, too. */
export interface BarsProps {
  /** What is counted, such as `issued`. */
  readonly what: string;
  /** Oldest first. */
  readonly counts: readonly number[];
  /** What one bar stands for, such as `hour`. */
  readonly per: string;
}

const WIDTH = 240;
const HEIGHT = 40;

export function Bars({ what, counts, per }: BarsProps) {
  const most = Math.max(1, ...counts);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const step = WIDTH / Math.max(1, counts.length);
  return (
    <figure className="bars">
      <figcaption>
        <strong className="numeric">{total.toLocaleString('en')}</strong> {what}
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${what}: ${total} in all, at most ${most} in one ${per}`}
      >
        {counts.map((count, index) => {
          const height = count === 0 ? 1 : Math.max(2, (count / most) * HEIGHT);
          return (
            <rect
              // oxlint-disable-next-line react/no-array-index-key -- a bar is its place in time
              key={index}
              x={index * step}
              y={HEIGHT - height}
              width={Math.max(1, step - 1)}
              height={height}
            />
          );
        })}
      </svg>
    </figure>
  );
}
