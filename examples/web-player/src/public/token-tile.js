/**
 * The token tile: prefix, masked body, checksum. The left edge is the format (whole: opaque; dashed: JWT), the lower edge
 * shrinks with the life that is left.
 */
import { element } from './element.js';

const STATES = {
  live: { shape: '●', word: 'live' },
  'ends-soon': { shape: '◐', word: 'ends soon' },
  ended: { shape: '○', word: 'ended' },
  refused: { shape: '✕', word: 'refused' },
};
const SVG = 'http://www.w3.org/2000/svg';
const CHECKSUM_LENGTH = 6;
const MASK = '·'.repeat(12);

/** Draws the tile into `place`; call `update` with the milliseconds left to keep it true. */
export function drawTile(place, { accessToken, lifetimeMs }, isRefused) {
  const format = accessToken.split('.').length === 3 ? 'jwt' : 'opaque';
  const prefix = /^tsr_[a-z]+_/.exec(accessToken)?.[0] ?? accessToken.slice(0, CHECKSUM_LENGTH);
  const [shape, word, ending] = [
    element('span', { 'aria-hidden': 'true' }),
    element('span'),
    element('span'),
  ];
  const state = element('strong', { class: 'state' }, shape, ' ', word);
  const life = element('progress', { max: String(lifetimeMs), 'aria-label': 'Life left' });
  const tile = element(
    'div',
    { class: `tile ${format}` },
    element(
      'div',
      { class: 'tile-parts mono' },
      element('span', {}, prefix),
      element('span', { class: 'muted body' }, MASK),
      drawBreak(),
      element('span', {}, accessToken.slice(-CHECKSUM_LENGTH)),
    ),
    element('div', { class: 'tile-facts small' }, state, ` · ${format === 'jwt' ? 'JWT' : 'opaque'}`, ending),
    life,
  );
  place.replaceChildren(tile);

  return {
    update(leftMs) {
      const name = stateOf(leftMs, lifetimeMs, isRefused);
      tile.dataset.state = name;
      state.dataset.state = name;
      shape.textContent = STATES[name].shape;
      word.textContent = STATES[name].word;
      ending.textContent = leftMs > 0 ? ` · ends in ${inWords(leftMs)}` : ' · good for nothing any more';
      life.value = Math.max(0, leftMs);
      return name;
    },
  };
}

/** The line along which the two halves of a tile match. */
function drawBreak() {
  const svg = document.createElementNS(SVG, 'svg');
  const attributes = {
    class: 'break',
    viewBox: '0 0 12 24',
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const line = document.createElementNS(SVG, 'path');
  const stroke = {
    d: 'M6 0l3 6-6 5 6 6-3 7',
    fill: 'none',
    stroke: 'currentColor',
    'vector-effect': 'non-scaling-stroke',
  };
  for (const [name, value] of Object.entries(stroke)) line.setAttribute(name, value);
  svg.append(line);
  return svg;
}

/** The last twelfth of a life, and at least ten seconds, is "soon". */
function stateOf(leftMs, lifetimeMs, isRefused) {
  if (leftMs <= 0) return 'ended';
  if (isRefused) return 'refused';
  return leftMs <= Math.max(10_000, lifetimeMs / 12) ? 'ends-soon' : 'live';
}

function inWords(leftMs) {
  const seconds = Math.ceil(leftMs / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes > 0 ? `${minutes} min ${String(seconds % 60).padStart(2, '0')} s` : `${seconds} s`;
}
