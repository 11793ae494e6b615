import { hash } from 'node:crypto';

const SIDE = 640;
const TILES = 4;
const TILE = SIDE / TILES;

/** A square cover in hairlines, drawn from the id alone: a tile pattern, so that the same object always looks the same. */
export function drawCover(id: string, size: number): string {
  const bits = Buffer.from(hash('sha256', id), 'hex');
  const strokes: string[] = [];
  for (let index = 0; index < TILES * TILES; index += 1) {
    const x = (index % TILES) * TILE;
    const y = Math.floor(index / TILES) * TILE;
    strokes.push(drawTile(x, y, (bits[index] ?? 0) % 6));
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${SIDE} ${SIDE}">` +
    `<rect width="${SIDE}" height="${SIDE}" fill="#ffffff"/>` +
    `<path d="${strokes.join('')}" fill="none" stroke="#14201e" stroke-width="4"/>` +
    `<rect x="2" y="2" width="${SIDE - 4}" height="${SIDE - 4}" fill="none" stroke="#78837f" stroke-width="4"/></svg>`
  );
}

/** One of six tiles: two diagonals, two quarter grooves, an upright, an empty one. */
function drawTile(x: number, y: number, kind: number): string {
  const right = x + TILE;
  const bottom = y + TILE;
  const middle = x + TILE / 2;
  switch (kind) {
    case 0:
      return `M${x} ${y}L${right} ${bottom}`;
    case 1:
      return `M${right} ${y}L${x} ${bottom}`;
    case 2:
      return `M${x} ${bottom}A${TILE} ${TILE} 0 0 1 ${right} ${y}`;
    case 3:
      return `M${x} ${y}A${TILE} ${TILE} 0 0 1 ${right} ${bottom}`;
    case 4:
      return `M${middle} ${y}V${bottom}`;
    default:
      return '';
  }
}
