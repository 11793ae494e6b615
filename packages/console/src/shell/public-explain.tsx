/** Explain for whoever has no account: the same screen, without the console around it. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Loading } from '../parts/loading.tsx';
import { PREFIX } from './address.ts';
import { Mark } from './mark.tsx';

const Explain = lazy(() => import('../screens/explain/explain.tsx'));

export function PublicExplain() {
  const [queries] = useState(() => new QueryClient());
  return (
    <QueryClientProvider client={queries}>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="top bar">
        <a className="home" href={`${PREFIX}/`}>
          <Mark />
          <span>Tessera</span>
        </a>
        <a className="small" href={`${PREFIX}/docs/`}>
          Docs
        </a>
        <a className="small" href={`${PREFIX}/login?next=console&path=/console/explain`}>
          Sign in
        </a>
      </header>
      <div className="without-navigation">
        <main id="main" tabIndex={-1}>
          <Suspense fallback={<Loading what="this screen" />}>
            <Explain />
          </Suspense>
        </main>
      </div>
    </QueryClientProvider>
  );
}
