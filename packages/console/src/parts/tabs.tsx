/** Parts of one screen, each with an address of its own. */
import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';

export interface Tab {
  readonly to: string;
  readonly name: string;
  /** How many there are. */
  readonly count?: number | undefined;
}

export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const [location] = useLocation();
  return (
    <nav className="tabs" aria-label={label}>
      <ul>
        {tabs.map((tab) => (
          <TabLink key={tab.to} tab={tab} isHere={location === tab.to} />
        ))}
      </ul>
    </nav>
  );
}

function TabLink({ tab: { to, name, count }, isHere }: { readonly tab: Tab; readonly isHere: boolean }) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    const row = link.current?.closest('ul');
    if (!isHere || !link.current || !row) return;
    // On a phone the row may be longer than the screen is wide. Whoever walks by keyboard stays where they are.
    row.scrollLeft += Math.max(
      0,
      link.current.getBoundingClientRect().right - row.getBoundingClientRect().right,
    );
  }, [isHere]);
  return (
    <li>
      <Link to={to} ref={link} {...(isHere && { 'aria-current': 'page' })}>
        {name}
        {count !== undefined && <span className="count">{count}</span>}
      </Link>
    </li>
  );
}
