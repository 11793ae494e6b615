/** Header, the list of entries, and the screen. */
import { Suspense, useState } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import type { ConsoleSession } from '../api/described.ts';
import { Loading } from '../parts/loading.tsx';
import { type Entry, entriesFor } from './entries.ts';
import { Header } from './header.tsx';
import { Navigation } from './navigation.tsx';
import { NotHere } from './not-here.tsx';
import { useOrganizations } from './organizations.ts';
import { ScreenFault } from './screen-fault.tsx';

export function Frame({ session }: { readonly session: ConsoleSession }) {
  const entries = entriesFor(session.person, useOrganizations());
  const [menuOpen, setMenuOpen] = useState(false);
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Header session={session} entries={entries} onMenu={() => setMenuOpen(true)} />
      <div className="with-navigation">
        <Navigation entries={entries} open={menuOpen} onClose={() => setMenuOpen(false)} />
        <main id="main" tabIndex={-1}>
          <ScreenFault>
            <Suspense fallback={<Loading what="this screen" />}>
              <Screens entries={entries} />
            </Suspense>
          </ScreenFault>
        </main>
      </div>
    </>
  );
}

function Screens({ entries }: { readonly entries: readonly Entry[] }) {
  const first = entries[0]?.path ?? '/apps';
  return (
    <Switch>
      <Route path="/">
        <Redirect to={first} replace />
      </Route>
      {entries.map(({ path, screen: Screen }) => (
        <Route key={path} path={path} nest>
          <Screen />
        </Route>
      ))}
      <Route>
        <NotHere />
      </Route>
    </Switch>
  );
}
