/**
 * The token tile, the one picture of a token everywhere: prefix, masked body, checksum. Its left edge is the format
 * (whole: opaque; dashed: JWT), its lower edge shrinks with the life that is left, and a revoked one is in two pieces.
 */
import { inWords } from './duration.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { BREAK } from './mark.ts';

export type TokenState = 'live' | 'ends-soon' | 'ended' | 'refused' | 'revoked';

export interface TokenTile {
  /** Shown masked. */
  readonly value: string;
  readonly lifetimeSeconds: number;
  /** Seconds until it ends; not positive once it has. */
  readonly leftSeconds: number;
  /** In milliseconds. */
  readonly endsAt: number;
  readonly revoked: boolean;
}

/** A state is never a colour alone: it has a shape and a word. */
const STATES: Readonly<Record<TokenState, { readonly shape: string; readonly word: string }>> = {
  live: { shape: '●', word: 'live' },
  'ends-soon': { shape: '◐', word: 'ends soon' },
  ended: { shape: '○', word: 'ended' },
  refused: { shape: '✕', word: 'refused' },
  revoked: { shape: '✕', word: 'revoked' },
};

export function tokenTile(token: TokenTile): Html {
  const state = stateOf(token);
  const { prefix, body, checksum } = maskedParts(token.value);
  const left = Math.max(0, Math.min(token.leftSeconds, token.lifetimeSeconds));
  const ending =
    token.revoked || left === 0 ? '' : ` · ends in ${inWords(left)}, at ${clockTime(token.endsAt)}`;
  return html`<div class="tile ${formatOf(token.value)} ${state}" data-left="${left}" data-lifetime="${token.lifetimeSeconds}">
<div class="tile-parts mono"><span>${prefix}</span><span class="muted">${body}</span>${BREAK}<span>${checksum}</span></div>
<div class="tile-facts small"><span>${stateMark(state)} · ${FORMAT_NAMES[formatOf(token.value)]}<span data-ending>${ending}</span></span></div>
<progress max="${token.lifetimeSeconds}" value="${token.revoked ? 0 : left}" aria-label="Life left"></progress>
</div>`;
}

export function stateMark(state: TokenState, words?: string): Html {
  const { shape, word } = STATES[state];
  return html`<strong class="state ${state}"><span aria-hidden="true">${shape}</span> <span data-word>${words ?? word}</span></strong>`;
}

const FORMAT_NAMES = { opaque: 'opaque', jwt: 'JWT', cwt: 'CWT', cat: 'CAT' } as const;

function formatOf(value: string): keyof typeof FORMAT_NAMES {
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(value)) return 'jwt';
  if (value.startsWith('2D3R')) return 'cat';
  return value.startsWith('2D3S') ? 'cwt' : 'opaque';
}

/** The last twelfth of a life, and at least ten seconds, is "soon". */
function stateOf({ revoked, leftSeconds, lifetimeSeconds }: TokenTile): TokenState {
  if (revoked) return 'revoked';
  if (leftSeconds <= 0) return 'ended';
  return leftSeconds <= Math.max(10, lifetimeSeconds / 12) ? 'ends-soon' : 'live';
}

const CHECKSUM_LENGTH = 6;

/** Enough to recognise a token by, not enough to use it. */
function maskedParts(value: string): { prefix: string; body: string; checksum: string } {
  const checksum = value.slice(-CHECKSUM_LENGTH);
  const prefix = /^tsr_[a-z]+_/.exec(value)?.[0] ?? value.slice(0, 6);
  const known = formatOf(value) !== 'opaque' ? '' : value.slice(prefix.length, prefix.length + 4);
  return { prefix, body: `${known}${'·'.repeat(formatOf(value) === 'opaque' ? 12 : 16)}`, checksum };
}

function clockTime(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}
