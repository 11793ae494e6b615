/** The frame around the screens: who is signed in, what is asked of the server, and the way from screen to screen. */
import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { Router } from 'wouter';
import { createQueryClient } from '../api/query-client.ts';
import { useAsk } from '../api/use-api.ts';
import { Loading } from '../parts/loading.tsx';
import { ProblemBox } from '../parts/problem-box.tsx';
import { CONSOLE } from './address.ts';
import { Frame } from './frame.tsx';
import { SessionContext } from './session.ts';
import { SignInAgain } from './sign-in-again.tsx';
import { WithOrganizations } from './with-organizations.tsx';

export function Console() {
  const [asksAgain, setAsksAgain] = useState(false);
  const [queries] = useState(() => createQueryClient(() => setAsksAgain(true)));
  return (
    <QueryClientProvider client={queries}>
      <Router base={CONSOLE}>
        <SignedIn />
        {asksAgain && <SignInAgain onClose={() => setAsksAgain(false)} />}
      </Router>
    </QueryClientProvider>
  );
}

function SignedIn() {
  const { data: session, error, refetch } = useAsk('GET /account/v1/session', {});
  if (session !== undefined) {
    return (
      <SessionContext value={session}>
        <WithOrganizations person={session.person}>
          <Frame session={session} />
        </WithOrganizations>
      </SessionContext>
    );
  }
  return (
    <main className="alone">
      {error === null ? (
        <Loading what="your account" />
      ) : (
        <ProblemBox problem={error} retry={() => void refetch()} />
      )}
    </main>
  );
}
