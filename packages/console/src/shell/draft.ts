/**
 * What was typed into a form survives the way to the sign-in and back. It is written down only when somebody leaves for
 * the sign-in, in this tab alone, and taken back once. No secret belongs into a draft.
 */
import { useEffect, useState } from 'react';

const KEPT_AS = 'tessera.draft.';

const drafts = new Map<string, unknown>();

/** As `useState`. @param name of the form, no other has it */
export function useDraft<Value extends object>(
  name: string,
  empty: Value,
): readonly [Value, (value: Value) => void] {
  const [value, setValue] = useState(() => ({ ...empty, ...kept(name) }));
  useEffect(() => {
    drafts.set(name, value);
    sessionStorage.removeItem(KEPT_AS + name);
    return () => void drafts.delete(name);
  }, [name, value]);
  return [value, setValue];
}

/** For whatever leads to the sign-in. */
export function keepDrafts(): void {
  for (const [name, value] of drafts) sessionStorage.setItem(KEPT_AS + name, JSON.stringify(value));
}

/** @returns an object with no members where there is none, or none that can be read */
function kept(name: string): object {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEPT_AS + name) ?? '{}');
    return typeof found === 'object' && found !== null ? found : {};
  } catch {
    return {};
  }
}
