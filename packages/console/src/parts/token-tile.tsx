/**
 * The token tile, the one picture of a token everywhere: prefix, masked body, checksum. Its left edge is the format
 * (whole: opaque; dashed: decodable), its lower edge shrinks with the life that is left, a revoked one is in two pieces.
 */
import type { ReactNode } from 'react';
import { StateMark, type TokenState } from './state-mark.tsx';

export type TokenFormat = 'opaque' | 'jwt' | 'cwt' | 'cat';

export interface TokenTileProps {
  /** What may be shown of it: the beginning, and the end. */
  readonly prefix: string;
  readonly end: string;
  readonly format: TokenFormat;
  readonly state: TokenState;
  /** In place of the state's usual word. */
  readonly word?: string;
  /** From 0 to 1; absent: it does not end by itself. */
  readonly left?: number;
  readonly facts?: ReactNode;
}

export const FORMAT_NAMES: Readonly<Record<TokenFormat, string>> = {
  opaque: 'opaque',
  jwt: 'JWT',
  cwt: 'CWT',
  cat: 'CAT',
};

export function TokenTile({ prefix, end, format, state, word, left, facts }: TokenTileProps) {
  return (
    <div className={`tile ${format} ${state}`}>
      <div className="tile-parts mono">
        <span>{prefix}</span>
        <span className="muted" aria-hidden="true">
          {'·'.repeat(12)}
        </span>
        <svg
          className="break"
          viewBox="0 0 12 24"
          preserveAspectRatio="none"
          aria-hidden="true"
          focusable="false"
        >
          <path
            d="M6 0l3 6-6 5 6 6-3 7"
            fill="none"
            stroke="currentColor"
            vectorEffect="non-scaling-stroke"
          />
        </svg>
        <span>{end}</span>
      </div>
      <div className="tile-facts small">
        <StateMark state={state} {...(word === undefined ? {} : { word })} /> · {FORMAT_NAMES[format]}
        {facts !== undefined && <> · {facts}</>}
      </div>
      {left !== undefined && (
        <progress max={1} value={Math.max(0, Math.min(1, left))} aria-label="Life left" />
      )}
    </div>
  );
}

const CHECKSUM_LENGTH = 6;

/** Enough of a token to recognise it by, not enough to use it. */
export function maskedToken(value: string): Pick<TokenTileProps, 'prefix' | 'end' | 'format'> {
  const format = formatOf(value);
  const prefix = /^tsr_[a-z]+_/.exec(value)?.[0] ?? value.slice(0, 6);
  return { prefix, end: value.slice(-CHECKSUM_LENGTH), format };
}

function formatOf(value: string): TokenFormat {
  if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(value)) return 'jwt';
  if (value.startsWith('2D3R')) return 'cat';
  return value.startsWith('2D3S') ? 'cwt' : 'opaque';
}
