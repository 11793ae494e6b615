/** The life that is left, as a ring that empties and as seconds. */
import type { TokenState } from '../../parts/state-mark.tsx';

export interface RingProps {
  readonly leftSeconds: number;
  readonly lifetimeSeconds: number;
  readonly state: TokenState;
}

const RADIUS = 42;
const AROUND = 2 * Math.PI * RADIUS;

export function Ring({ leftSeconds, lifetimeSeconds, state }: RingProps) {
  const share = lifetimeSeconds === 0 ? 0 : Math.max(0, leftSeconds) / lifetimeSeconds;
  return (
    <div className={`ring ${state}`} role="timer" aria-label="Life left">
      <svg viewBox="0 0 100 100" aria-hidden="true" focusable="false">
        <circle cx="50" cy="50" r={RADIUS} className="ring-track" />
        <circle
          cx="50"
          cy="50"
          r={RADIUS}
          className="ring-left"
          strokeDasharray={AROUND}
          strokeDashoffset={AROUND * (1 - share)}
          transform="rotate(-90 50 50)"
        />
      </svg>
      <span className="mono">{clock(leftSeconds)}</span>
    </div>
  );
}

function clock(seconds: number): string {
  const left = Math.max(0, seconds);
  const [minutes, rest] = [Math.floor(left / 60), left % 60];
  return `${String(minutes).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}
