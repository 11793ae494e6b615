/** Who is signed in, for every screen. */
import { createContext, useContext } from 'react';
import type { ConsoleSession } from '../api/described.ts';

export type Person = ConsoleSession['person'];

export const SessionContext = createContext<ConsoleSession | undefined>(undefined);

/** Undefined: nobody is signed in; only Explain is shown then. */
export function useSession(): ConsoleSession | undefined {
  return useContext(SessionContext);
}

/** For screens that nobody reaches without having signed in. */
export function usePerson(): Person {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('This screen is for people who are signed in');
  return session.person;
}
