/** How deep JSON nests, told before it is parsed: whatever walks the parsed value takes a step of the stack a level. */

/** No body that Tessera takes nests half as deep. */
export const MAX_JSON_DEPTH = 32;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [SQUARE_OPENS, SQUARE_CLOSES, OPENS, CLOSES] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Of text that may not even be JSON: then the parser says so. */
export function nestsDeeper(json: string, levels = MAX_JSON_DEPTH): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < json.length; index += 1) {
    const code = json.charCodeAt(index);
    if (isText) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) isText = false;
    } else if (code === QUOTE) isText = true;
    else if (code === SQUARE_OPENS || code === OPENS) {
      depth += 1;
      if (depth > levels) return true;
    } else if (code === SQUARE_CLOSES || code === CLOSES) depth -= 1;
  }
  return false;
}
