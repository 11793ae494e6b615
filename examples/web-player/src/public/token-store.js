/**
 * Where this page keeps its tokens: localStorage, because `getProfile()` reads `access_token` there. Every script of this
 * origin can read it too; that is why the page loads no script from elsewhere and its tokens live shortly.
 */

const ACCESS_TOKEN = 'access_token';
const REFRESH_TOKEN = 'refresh_token';
const DETAILS = 'token_details';

/** Keeps the answer of the token endpoint. `api` says which API the token is for. */
export function keepTokens(answer, api) {
  localStorage.setItem(ACCESS_TOKEN, answer.access_token);
  // A refresh without a new refresh token leaves the old one good.
  if (answer.refresh_token !== undefined) localStorage.setItem(REFRESH_TOKEN, answer.refresh_token);
  const lifetimeMs = answer.expires_in * 1000;
  localStorage.setItem(DETAILS, JSON.stringify({ api, lifetimeMs, expiresAt: Date.now() + lifetimeMs }));
}

/** What is kept for this API, or undefined. */
export function readTokens(api) {
  const accessToken = localStorage.getItem(ACCESS_TOKEN);
  const details = JSON.parse(localStorage.getItem(DETAILS) ?? 'null');
  if (accessToken === null || details?.api !== api) return undefined;
  return { accessToken, refreshToken: localStorage.getItem(REFRESH_TOKEN) ?? undefined, ...details };
}

export function replaceAccessToken(accessToken) {
  localStorage.setItem(ACCESS_TOKEN, accessToken);
}

export function forgetTokens() {
  for (const name of [ACCESS_TOKEN, REFRESH_TOKEN, DETAILS]) localStorage.removeItem(name);
}

/** Calls back when another tab changed the tokens. */
export function onTokensChangedElsewhere(callback) {
  addEventListener('storage', ({ key }) => {
    if (key === null || key === ACCESS_TOKEN || key === DETAILS) callback();
  });
}
