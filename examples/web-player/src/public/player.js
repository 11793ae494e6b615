/** The page: puts the parts together and answers the buttons. */
import { createAuthorization } from './authorization.js';
import { element } from './element.js';
import { loadPlaylists, showPlaylists, showProfile } from './profile-view.js';
import { drawTile } from './token-tile.js';
import {
  forgetTokens,
  keepTokens,
  onTokensChangedElsewhere,
  readTokens,
  replaceAccessToken,
} from './token-store.js';

const parameters = new URLSearchParams(location.search);
const api = parameters.get('api') === 'short' ? 'short' : 'music';
const config = await (await fetch('/config.json')).json();
const authorization = createAuthorization(config);
const find = (id) => document.getElementById(id);

let tile;
/** The good token, while a broken one stands in its place. */
let unbroken;
let isRefused = false;
/** What is being done, or waits for its turn. */
let unfinished = 0;
/** Ends when the last of it has ended; never fails. */
let lastAction = Promise.resolve();

// The callback is registered for one spelling of this address; at another one the tokens would be kept apart.
const home = new URL(config.redirectUri).origin;
if (location.origin !== home) location.replace(home + location.pathname + location.search);
else if (location.pathname === '/callback') await finishSignIn();
else await open();

async function open() {
  find('source').textContent = getProfile.toString();
  if (api === 'short') find('lead').append(' Here its tokens live 30 seconds, so that you see one end.');
  find(api === 'short' ? 'thirty-seconds' : 'one-hour').setAttribute('aria-current', 'page');
  find('renew').checked = (localStorage.getItem(`renew_${api}`) ?? String(api === 'music')) === 'true';
  onClick('sign-in', () => signIn(false));
  onClick('run', run);
  onClick('refresh', refresh);
  onClick('sign-out', signOut);
  onClick('break', breakOrMend);
  onClick('in-url', putInUrl);
  find('renew').addEventListener('change', ({ target }) =>
    localStorage.setItem(`renew_${api}`, String(target.checked)),
  );
  onTokensChangedElsewhere(showToken);
  setInterval(tick, 1000);
  showToken();
  const wantsRun = parameters.get('run') === '1';
  if (wantsRun) history.replaceState(null, '', pageAddress());
  if (wantsRun) await guard(readTokens(api) === undefined ? () => signIn(true) : run);
}

/** Where this page is reached for its API; with `run=1` it goes to work at once. */
function pageAddress({ of = api, andRun = false } = {}) {
  const query = new URLSearchParams({ ...(of === 'short' && { api: of }), ...(andRun && { run: '1' }) });
  return query.size === 0 ? '/' : `/?${query}`;
}

async function signIn(andRun) {
  say('', 'Going to Tessera to sign you in.');
  await authorization.start({ api, andRun }, config.apis[api].identifier);
}

async function finishSignIn() {
  const answer = new URLSearchParams(location.search);
  // The code is spent on first use; it has no business in the history either.
  history.replaceState(null, '', '/callback');
  try {
    const { tokens, request } = await authorization.finish(answer);
    keepTokens(tokens, request.api);
    location.replace(pageAddress({ of: request.api, andRun: request.andRun }));
  } catch (error) {
    history.replaceState(null, '', '/');
    await open();
    say('refused', 'You are not signed in.', reasonOf(error));
  }
}

/** Runs the function on the page. An expired token is renewed first, if the box is ticked. */
async function run() {
  const tokens = readTokens(api);
  if (tokens?.expiresAt <= Date.now() && find('renew').checked && tokens.refreshToken !== undefined)
    await refresh();
  hideProfile();
  try {
    const profile = await getProfile();
    setRefused(false);
    say('live', `200: the API knows you as ${profile.display_name ?? profile.id}.`);
    showProfile(show('profile'), profile);
  } catch (error) {
    setRefused(true);
    say(
      'refused',
      `${reasonOf(error)}.`,
      unbroken === undefined ? adviceFor(reasonOf(error)) : whyBroken(unbroken),
    );
    return;
  }
  showPlaylists(show('playlists'), await loadPlaylists(config.apis[api].url, readTokens(api).accessToken));
}

/** Gets the next pair of tokens. Only one tab does it: a refresh token works once. */
async function refresh() {
  const before = readTokens(api);
  if (before?.refreshToken === undefined)
    return say('refused', 'There is no refresh token here. Sign in again.');
  await navigator.locks.request('refresh', async () => {
    const now = readTokens(api);
    if (now === undefined || now.refreshToken !== before.refreshToken) return;
    try {
      keepTokens(await authorization.refresh(now.refreshToken), api);
    } catch (error) {
      if (error.code === 'invalid_grant') forgetTokens();
      throw error;
    }
  });
  unbroken = undefined;
  isRefused = false;
  showToken();
  say('live', 'Refreshed: a new access token is kept here.');
}

async function signOut() {
  const { accessToken, refreshToken } = readTokens(api) ?? {};
  forgetTokens();
  showToken();
  hideProfile();
  for (const token of [refreshToken, unbroken ?? accessToken]) {
    if (token !== undefined) await authorization.revoke(token);
  }
  unbroken = undefined;
  say('', 'Signed out: the tokens are revoked, and forgotten here.');
}

async function breakOrMend() {
  if (unbroken === undefined) {
    unbroken = heldTokens().accessToken;
    replaceAccessToken(changeOneCharacter(unbroken));
  } else {
    replaceAccessToken(unbroken);
    unbroken = undefined;
  }
  isRefused = false;
  showToken();
  await run();
}

/** @throws Error once they are forgotten, here or in another tab, while a press waited for its turn */
function heldTokens() {
  const tokens = readTokens(api);
  if (tokens === undefined) throw new Error('There is no token here. Sign in again.');
  return tokens;
}

/** A character well inside the last part, where every bit counts. */
function changeOneCharacter(token) {
  const at = token.length - 12;
  return token.slice(0, at) + (token[at] === 'a' ? 'b' : 'a') + token.slice(at + 1);
}

/** What one must not do, done: the API refuses even a good token that comes in an address. */
async function putInUrl() {
  const { accessToken } = heldTokens();
  const response = await fetch(
    `${config.apis[api].url}/v1/me?access_token=${encodeURIComponent(accessToken)}`,
  );
  const { error } = await response.json();
  setRefused(true);
  say('refused', `${error.status} ${error.message}.`, 'Sign out to revoke it: it may be in a log by now.');
}

function whyBroken(token) {
  const proof = token.split('.').length === 3 ? 'signature' : 'checksum';
  return `One character was changed, and the ${proof} no longer holds.`;
}

function adviceFor(reason) {
  if (reason.includes('expired')) return 'Refresh to get the next one, or sign in again.';
  if (reason.startsWith('401')) return 'Sign in to get a token that is good here.';
  return undefined;
}

function showToken() {
  const tokens = readTokens(api);
  find('signed-in').hidden = tokens === undefined;
  find('signed-out').hidden = tokens !== undefined;
  find('refresh').disabled = tokens?.refreshToken === undefined;
  find('break').textContent = unbroken === undefined ? 'Break the token' : 'Mend the token';
  tile = tokens === undefined ? undefined : drawTile(find('tile'), tokens, isRefused);
  tile?.update(tokens.expiresAt - Date.now());
}

function setRefused(value) {
  isRefused = value;
  showToken();
}

/** Once a second: the life that is left, and what happens at its end. */
function tick() {
  const tokens = readTokens(api);
  if (tokens === undefined || tile === undefined) return;
  const before = find('tile').firstElementChild.dataset.state;
  const state = tile.update(tokens.expiresAt - Date.now());
  if (state !== 'ended' || before === 'ended' || unfinished > 0) return;
  if (find('renew').checked && tokens.refreshToken !== undefined) void guard(refresh);
  else say('', 'The access token ended. Run the function to see what the API says.');
}

function onClick(id, action) {
  find(id).addEventListener('click', () => void guard(action));
}

/** One action at a time: a press during another one waits, so that none is lost, and none fails in silence. */
function guard(action) {
  unfinished += 1;
  find('main').setAttribute('aria-busy', 'true');
  lastAction = lastAction.then(() => attempt(action));
  return lastAction;
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    showToken();
    say('refused', 'That did not work.', reasonOf(error));
  } finally {
    unfinished -= 1;
    if (unfinished === 0) find('main').removeAttribute('aria-busy');
  }
}

function reasonOf(error) {
  return error instanceof TypeError ? 'The server does not answer' : error.message;
}

function show(id) {
  find(id).hidden = false;
  return find(id);
}

function hideProfile() {
  for (const id of ['profile', 'playlists']) {
    find(id).hidden = true;
    find(id).replaceChildren();
  }
}

/** Says what happened where people and screen readers find it; the colour is the fate of the token. */
function say(state, what, more) {
  const shape = { live: '●', refused: '✕' }[state];
  const mark = shape === undefined ? [] : [element('span', { 'aria-hidden': 'true' }, `${shape} `)];
  const line = element('p', { class: 'state', 'data-state': state }, ...mark, what);
  find('answer').replaceChildren(
    element(
      'div',
      { class: 'answer', 'data-state': state },
      line,
      ...(more === undefined ? [] : [element('p', {}, more)]),
    ),
  );
}
