/** Parts of one screen, each with an address of its own. */
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
        {tabs.map(({ to, name, count }) => (
          <li key={to}>
            <Link to={to} {...(location === to ? { 'aria-current': 'page' } : {})}>
              {name}
              {count !== undefined && <span className="count">{count}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
