/**
 * Signs a person in and lets them agree, before a run: the same browser and the same steps at every server. Each
 * connection has a browser of its own, because the peer binds a code to the last grant of its session.
 */
import { hasForm, NoScriptBrowser } from '../../test/no-script-browser.ts';
import { type Contestant, PERSON, PUSHER } from '../servers/contestant.ts';

/** @returns the Cookie headers of browsers whose next request is answered at once */
export async function signIn(contestant: Contestant, browsers: number): Promise<readonly string[]> {
  const cookies: string[] = [];
  while (cookies.length < browsers) {
    // oxlint-disable-next-line no-await-in-loop -- passwords are checked one after another
    cookies.push(await signInOnce(contestant));
  }
  return cookies;
}

async function signInOnce({ port, authorizationPath }: Contestant): Promise<string> {
  const browser = new NoScriptBrowser(`http://127.0.0.1:${port}`);
  const request = new URLSearchParams({
    response_type: 'code',
    client_id: PUSHER.id,
    redirect_uri: PUSHER.redirectUri,
    scope: PUSHER.scope,
    code_challenge_method: 'S256',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  });
  let visit = await browser.get(`${authorizationPath}?${request}`);
  if (hasForm(visit.page, 'email', 'password')) visit = await browser.submit(visit, PERSON);
  if (visit.leftFor === undefined) visit = await browser.submit(visit, {}, 'allow');
  if (visit.leftFor?.searchParams.has('code') !== true) throw new Error(`no code: ${visit.page}`);
  return [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}
