/** The mark: a tile broken in two halves that match. And the line of the break, which other parts are divided by. */
import { raw } from './html.ts';

export const MARK = raw(
  '<svg class="mark" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true" focusable="false">' +
    '<path fill="currentColor" d="M4 4h11l3 6-5 5 5 6-3 7H4z"/>' +
    '<path class="mark-half" d="M19 4h9v24h-9l3-7-5-6 5-5z"/></svg>',
);

/** As high as what it divides. */
export const BREAK = raw(
  '<svg class="break" viewBox="0 0 12 24" preserveAspectRatio="none" aria-hidden="true" focusable="false">' +
    '<path d="M6 0l3 6-6 5 6 6-3 7" fill="none" stroke="currentColor" vector-effect="non-scaling-stroke"/></svg>',
);
