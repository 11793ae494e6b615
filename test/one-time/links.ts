// Links that come by mail, and count once.
import { callApi } from '../admin-calls.ts';
import { signedIn } from '../account-calls.ts';
import { linkIn, mailTo } from '../mails.ts';
import { signIn } from '../second-factors.ts';
import {
  browserAt,
  newAddress,
  newPerson,
  type OneTimeThing,
  type OneTimeWorld,
  useOfVisit,
} from './world.ts';

/** By mail, as an administrator sends it. */
export function passwordLink(world: OneTimeWorld): OneTimeThing {
  const { server, operator } = world;
  return {
    name: 'link to choose a password',
    async make() {
      const { user, email } = await newPerson(world);
      await callApi(server, operator, 'POST', `/admin/v1/users/${user.id}/password-link`);
      const browser = server.newBrowser();
      const form = await browser.get(linkIn(await mailTo(server, email)));
      let uses = 0;
      return async (base) => {
        const password = `another good password ${uses++}`;
        const visited = await browserAt(base, browser, server.issuer).submit(form, { password });
        return useOfVisit(visited, visited.url.includes('notice=password_changed'));
      };
    },
  };
}

export function signUpLink({ server }: OneTimeWorld): OneTimeThing {
  return {
    name: 'sign-up link',
    async make() {
      const [browser, email] = [server.newBrowser(), newAddress()];
      await browser.submit(await browser.get('/signup'), { email });
      const form = await browser.get(linkIn(await mailTo(server, email)));
      return async (base) => {
        const chosen = { display_name: 'Racer', password: 'a good password' };
        const visited = await browserAt(base, browser, server.issuer).submit(form, chosen);
        return useOfVisit(visited, visited.page.includes('You are signed in'));
      };
    },
  };
}

const isConfirmed = 'Your address is confirmed';

/** For another address than the account had. */
export function newAddressLink(world: OneTimeWorld): OneTimeThing {
  const { server } = world;
  return {
    name: 'link to another address',
    async make() {
      const [person, email] = [await newPerson(world), newAddress()];
      const call = await signedIn(server, person);
      await call('POST', '/account/v1/email', { email, current_password: person.password });
      const browser = server.newBrowser();
      const form = await browser.get(linkIn(await mailTo(server, email)));
      return async (base) => {
        const visited = await browserAt(base, browser, server.issuer).submit(form, {});
        return useOfVisit(visited, visited.page.includes(isConfirmed));
      };
    },
  };
}

/** For the address that the account has. */
export function confirmationLink(world: OneTimeWorld): OneTimeThing {
  const { server } = world;
  return {
    name: 'link that confirms an address',
    async make() {
      const person = await newPerson(world);
      const { users } = server.tessera.store;
      const [event] = await server.auditEvents('user.created');
      if (event === undefined) throw new Error('nobody was made');
      const unconfirmed = { ...person.user, emailVerified: false, updatedAt: person.user.updatedAt + 1 };
      await users.update(unconfirmed, { ...event, id: `evt_${person.user.id}` });
      await (await signedIn(server, person))('POST', '/account/v1/email/verification');
      const browser = server.newBrowser();
      const form = await browser.get(linkIn(await mailTo(server, person.email)));
      return async (base) => {
        const visited = await browserAt(base, browser, server.issuer).submit(form, {});
        return useOfVisit(visited, visited.page.includes(isConfirmed));
      };
    },
  };
}

export function invitation(world: OneTimeWorld): OneTimeThing {
  const { server, operator, organization } = world;
  return {
    name: 'invitation',
    async make() {
      const person = await newPerson(world);
      const path = `/admin/v1/organizations/${organization}/invitations`;
      await callApi(server, operator, 'POST', path, { email: person.email, role: 'member' });
      const browser = server.newBrowser();
      await signIn(server, browser, person);
      const form = await browser.get(linkIn(await mailTo(server, person.email)));
      return async (base) => {
        const visited = await browserAt(base, browser, server.issuer).submit(form, {}, 'accept');
        return useOfVisit(visited, visited.page.includes('You joined'));
      };
    },
  };
}
