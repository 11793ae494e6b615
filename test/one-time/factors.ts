// Second factors: what is typed or signed counts once.
import { setUpApp, signIn } from '../second-factors.ts';
import { findForm } from '../no-script-browser.ts';
import { askedBy, SoftwareAuthenticator, submitPasskey } from '../software-authenticator.ts';
import { browserAt, newPerson, type OneTimeThing, type OneTimeWorld, useOfVisit } from './world.ts';

export function timeStep(world: OneTimeWorld): OneTimeThing {
  const { server } = world;
  return {
    name: 'TOTP step',
    async make() {
      const person = await newPerson(world);
      const first = server.newBrowser();
      await signIn(server, first, person);
      const { app } = await setUpApp(server, first, await first.get(`${server.base}/login/set-up`));
      const browser = server.newBrowser();
      const asked = await signIn(server, browser, person);
      // The step of the setting-up is used already: the next one is good, too.
      const code = app.code(server.clock.now(), 1);
      return async (base) => {
        const one = browserAt(base, browser, server.issuer);
        const visited = await one.submit(asked, { code });
        return useOfVisit(visited, visited.page.includes('action="/logout"'));
      };
    },
  };
}

export function recoveryCode(world: OneTimeWorld): OneTimeThing {
  const { server } = world;
  return {
    name: 'recovery code',
    async make() {
      const person = await newPerson(world);
      const first = server.newBrowser();
      await signIn(server, first, person);
      const { codes } = await setUpApp(server, first, await first.get(`${server.base}/login/set-up`));
      const browser = server.newBrowser();
      const { page } = await signIn(server, browser, person);
      const [, otherWay = ''] = /href="([^"]+)">Use a recovery code/.exec(page) ?? [];
      const asked = await browser.get(otherWay.replaceAll('&amp;', '&'));
      return async (base) => {
        const one = browserAt(base, browser, server.issuer);
        const visited = await one.submit(asked, { code: codes[0] ?? '' });
        return useOfVisit(visited, visited.page.includes('action="/logout"'));
      };
    },
  };
}

/** What an authenticator signed, for one challenge. */
export function passkeyAnswer(world: OneTimeWorld): OneTimeThing {
  const { server } = world;
  return {
    name: 'answer of a passkey',
    async make() {
      const person = await newPerson(world);
      const first = server.newBrowser();
      await signIn(server, first, person);
      const passkey = new SoftwareAuthenticator(new URL(server.issuer).origin);
      await submitPasskey(first, await first.get('/login/set-up'), passkey);
      const browser = server.newBrowser();
      const asked = await browser.get('/login');
      const { action, fields } = findForm(asked.page, ['passkey', 'asked']);
      const answer = passkey.get(askedBy(asked));
      return async (base) => {
        const one = browserAt(base, browser, server.issuer);
        const visited = await one.post(action, { ...fields, passkey: answer });
        return useOfVisit(visited, visited.page.includes('action="/logout"'));
      };
    },
  };
}
