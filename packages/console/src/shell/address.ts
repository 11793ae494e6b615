/** Where this server is, as the browser sees it: an issuer may have a path. */

/** The path of the issuer, without a slash at its end. */
export const PREFIX = document.documentElement.dataset['prefix'] ?? '';

export const CONSOLE = `${PREFIX}/console`;
export const ISSUER = `${location.origin}${PREFIX}`;

/** Where to sign in, and to come back from to where one is now. */
export function signInAddress(): string {
  const path = location.pathname.slice(PREFIX.length);
  return `${PREFIX}/login?${new URLSearchParams({ next: 'console', path }).toString()}`;
}

/** A screen, from wherever a link to it stands. */
export function screen(path: string): string {
  return `~${CONSOLE}${path}`;
}
