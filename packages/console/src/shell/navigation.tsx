/** The entries, beside the screen; on a phone behind a button. */
import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import type { Entry } from './entries.ts';

export interface NavigationProps {
  readonly entries: readonly Entry[];
  readonly open: boolean;
  readonly onClose: () => void;
}

export function Navigation({ entries, open, onClose }: NavigationProps) {
  const [location] = useLocation();
  const drawer = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current } = drawer;
    if (open) current?.showModal();
    else current?.close();
  }, [open]);
  return (
    <>
      <nav className="entries beside" aria-label="Console">
        <EntryList entries={entries} location={location} onGo={onClose} />
      </nav>
      <dialog ref={drawer} className="drawer" aria-label="Menu" onClose={onClose}>
        <nav className="entries" aria-label="Console">
          <button type="button" className="plain" onClick={onClose}>
            Close
          </button>
          <EntryList entries={entries} location={location} onGo={onClose} />
        </nav>
      </dialog>
    </>
  );
}

const GROUPS = ['You', 'Build', 'Run'] as const;

interface EntryListProps {
  readonly entries: readonly Entry[];
  readonly location: string;
  readonly onGo: () => void;
}

function EntryList({ entries, location, onGo }: EntryListProps) {
  const groups = GROUPS.map((group) => ({ group, of: entries.filter((entry) => entry.group === group) }));
  return groups
    .filter(({ of }) => of.length > 0)
    .map(({ group, of }) => (
      <div key={group}>
        <h2>{group}</h2>
        <ul>
          {of.map(({ path, name }) => (
            <li key={path}>
              <Link to={path} onClick={onGo} {...(isAt(location, path) ? { 'aria-current': 'page' } : {})}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </div>
    ));
}

function isAt(location: string, path: string): boolean {
  return location === path || location.startsWith(`${path}/`);
}
