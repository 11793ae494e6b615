/** Who is signed in, for every screen. */
import { createContext, useContext } from 'react';
import type { ConsoleSession } from '../api/described.ts';

export type Person = ConsoleSession['person'];

export const SessionContext = createContext<ConsoleSession | undefined>(undefined);

/** Undefined: nobody is signed in; only Explain is shown then. */
export function useSession(): ConsoleSession | undefined {
  return useContext(SessionContext);
}
