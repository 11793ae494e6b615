/** Where a person who signs in wanted to go, other than to an app: a closed list, so that no link leads elsewhere. */
import type { Form } from '../../protocol/form.ts';
import { normalizeUserCode } from '../../protocol/user-code.ts';

export interface NextPage {
  readonly to: 'device' | 'console' | 'set_up' | 'invitation';
  readonly url: string;
  /** For the form, so that it is still known after the sign-in. */
  readonly fields: Readonly<Record<string, string | undefined>>;
}

export const TO_INVITATION: NextPage = {
  to: 'invitation',
  url: '/invitation',
  fields: { next: 'invitation' },
};

export function nextPage(form: Form): NextPage | undefined {
  const next = form.get('next');
  if (next === 'set-up') return { to: 'set_up', url: '/login/set-up', fields: { next } };
  if (next === 'invitation') return TO_INVITATION;
  if (next === 'device') return toDevice(form.get('user_code'));
  return next === 'console' ? toConsole(form.get('path')) : undefined;
}

function toDevice(code = ''): NextPage {
  const userCode = normalizeUserCode(code);
  return {
    to: 'device',
    url: userCode === undefined ? '/device' : `/device?user_code=${userCode}`,
    fields: { next: 'device', user_code: userCode },
  };
}

/** Screens have plain names; nothing else is let through, least of all a second slash or a backslash. */
const SCREEN = /^\/console(?:\/[\w.~%:-]+)*\/?$/;

function toConsole(path = '/console'): NextPage {
  const url = SCREEN.test(path) && !path.includes('..') ? path : '/console';
  return { to: 'console', url, fields: { next: 'console', path: url } };
}
