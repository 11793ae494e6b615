/** The mark, the search over everything, and the menu of the person. */
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { ConsoleSession } from '../api/described.ts';
import type { Entry } from './entries.ts';
import { Finder } from './finder.tsx';
import { Mark } from './mark.tsx';
import { OrganizationSwitch } from './organization-switch.tsx';
import { PersonMenu } from './person-menu.tsx';

export interface HeaderProps {
  readonly session: ConsoleSession;
  readonly entries: readonly Entry[];
  readonly onMenu: () => void;
}

export function Header({ session, entries, onMenu }: HeaderProps) {
  const [finding, setFinding] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setFinding(true);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <header className="top bar">
      <button type="button" className="quiet menu-button" onClick={onMenu}>
        Menu
      </button>
      <Link className="home" to="/" aria-label="Tessera, console">
        <Mark />
        <span>Tessera</span>
      </Link>
      <OrganizationSwitch />
      <button type="button" className="quiet find" onClick={() => setFinding(true)}>
        Find <kbd>Ctrl K</kbd>
      </button>
      <PersonMenu session={session} />
      {finding && <Finder entries={entries} onClose={() => setFinding(false)} />}
    </header>
  );
}
