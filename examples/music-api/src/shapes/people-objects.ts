import type { AccessToken } from '@tessera/verifier';
import type { Person } from '../people.ts';
import type { View } from './view.ts';
import { extendedOnly, identity } from './view.ts';

export function toUserReference(view: View, sub: string, person: Person | undefined) {
  return { ...identity(view, 'user', sub), display_name: person?.displayName ?? null };
}

export function toPublicUser(view: View, sub: string, person: Person) {
  return { ...toUserReference(view, sub, person), followers: { href: null, total: 0 }, images: [] };
}

/** The signed-in person: the email only with its scope, country and subscription only with theirs. */
export function toPrivateUser(view: View, token: AccessToken, person: Person) {
  return {
    ...toUserReference(view, token.sub, person),
    account_id: token.sub,
    images: [],
    ...extendedOnly(view, {
      followers: { href: null, total: 0 },
      ...(token.scopes.includes('user-read-email') && { email: person.email }),
      ...(token.scopes.includes('user-read-private') && {
        country: person.country ?? 'US',
        product: 'free',
        explicit_content: { filter_enabled: false, filter_locked: false },
      }),
    }),
  };
}
