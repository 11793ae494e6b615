/** How large a Common Access Token is, against what must be taken. @spec CTA-5007-B §4.3.1 */

/** Every recipient takes that much. */
const TAKEN_BY_ALL = 4096;
/** What fits the usual limits on cookies and URLs with room to spare. */
const COMFORTABLE = 1024;

/** @returns a sentence */
export function sizeOf(token: string): string {
  const { length } = token;
  if (length > TAKEN_BY_ALL) return `${length} bytes: more than the 4096 that every recipient takes`;
  if (length > COMFORTABLE)
    return `${length} bytes: more than 1 KB, which may be too long for a URL or cookie`;
  return `${length} bytes`;
}
