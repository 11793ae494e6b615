/** What every page is sent with. @spec CSP Level 3, Permissions Policy, HTML (opener policies), Fetch §3.1 (Origin of a form) */

export interface PagePolicy {
  /**
   * Where a form of the page may lead besides this server: the redirect URI of the app that waits. Browsers check it
   * for every redirect a form's answer leads through, so the sign-in page of an app needs it too.
   */
  readonly formAction?: readonly string[];
  /** Whether the page uses a script of ours. */
  readonly script?: boolean;
  /** SHA-256 of the one script in the page, base64. */
  readonly scriptHash?: string;
  /** Whether the page is the console: a script that talks to this server, and makes no markup out of text. */
  readonly app?: boolean;
}

/** The value of Content-Security-Policy: nothing but our own style sheet, font and images, no frame around the page. */
export function contentSecurityPolicy({
  formAction = [],
  script = false,
  scriptHash,
  app = false,
}: PagePolicy = {}): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    ...(script || app ? ["script-src 'self'"] : []),
    ...(app ? ["connect-src 'self'", "require-trusted-types-for 'script'", "trusted-types 'none'"] : []),
    ...(scriptHash === undefined ? [] : [`script-src 'sha256-${scriptHash}'`]),
    `form-action ${["'self'", ...formAction.map(formActionSource).filter((source) => source !== undefined)].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** No page asks for any of these, and no script that got into one may. */
const PERMISSIONS_POLICY = [
  'camera',
  'display-capture',
  'geolocation',
  'hid',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ');

/**
 * All headers of a page. The referrer policy is `same-origin`: nothing is told to other sites, yet a form's POST still
 * carries its Origin, which under `no-referrer` would be `null`.
 */
export function pageHeaders(policy: PagePolicy = {}): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(policy),
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // An app may have opened a window for its sign-in, and waits for it: there the tie to the opener has to stay. The
    // policies that allow popups do not help, as they are the opener's to set.
    ...(policy.formAction === undefined ? { 'cross-origin-opener-policy': 'same-origin' } : {}),
    'permissions-policy': PERMISSIONS_POLICY,
  };
}

/** A redirect URI as a source expression: its origin, or its scheme where CSP has no way to write the host. */
function formActionSource(redirectUri: string): string | undefined {
  if (!URL.canParse(redirectUri)) return undefined;
  const { protocol, origin, hostname } = new URL(redirectUri);
  const isWeb = protocol === 'https:' || protocol === 'http:';
  // An IPv6 host is no host-source; the scheme is the narrowest that CSP can say.
  if (isWeb && !hostname.startsWith('[')) return origin;
  return /^[a-z][a-z0-9+.-]*:$/.test(protocol) ? protocol : undefined;
}
