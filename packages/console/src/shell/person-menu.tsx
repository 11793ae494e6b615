/** Who is signed in, the way to their settings, and out. */
import { useRef } from 'react';
import { Link } from 'wouter';
import type { ConsoleSession } from '../api/described.ts';
import { PREFIX } from './address.ts';

export function PersonMenu({ session }: { readonly session: ConsoleSession }) {
  const menu = useRef<HTMLDivElement>(null);
  const close = (): void => menu.current?.hidePopover();
  const { display_name: name, email } = session.person;
  return (
    <div className="person">
      <button type="button" className="quiet" popoverTarget="person-menu">
        <span className="person-name">{name}</span>
        <span aria-hidden="true">▾</span>
      </button>
      <div id="person-menu" popover="auto" ref={menu} className="menu">
        <p className="small muted">Signed in as {email}</p>
        <nav aria-label="User settings">
          <p className="menu-head small">User settings</p>
          <Link to="/settings/tokens" onClick={close}>
            Personal access tokens
          </Link>
          <Link to="/settings/apps" onClick={close}>
            Connected apps
          </Link>
          <Link to="/settings/account" onClick={close}>
            Account
          </Link>
        </nav>
        <form method="post" action={`${PREFIX}/logout`}>
          <input type="hidden" name="form_token" value={session.sign_out_token} />
          <button type="submit" className="plain">
            Sign out
          </button>
        </form>
      </div>
    </div>
  );
}
