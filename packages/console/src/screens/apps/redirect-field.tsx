/** A redirect URI, judged while it is typed by the very rule of the server. */
import { validateRegisteredRedirectUri } from '@tessera/server/redirect-uri';
import type { ReactNode } from 'react';
import { TextField } from '../../parts/field.tsx';

export interface RedirectFieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly applicationType: 'web' | 'native';
  /** What the server said of it. */
  readonly told?: string | undefined;
  readonly required?: boolean;
}

export function RedirectField({
  label,
  hint,
  value,
  onText,
  applicationType,
  told,
  required,
}: RedirectFieldProps) {
  return (
    <TextField
      label={label}
      hint={hint}
      mono
      autoComplete="off"
      spellCheck={false}
      value={value}
      onText={onText}
      required={required}
      wrong={objectionTo(value, applicationType) ?? told}
    />
  );
}

/** Nothing is said while somebody is still in the middle of the beginning. */
export function objectionTo(uri: string, applicationType: 'web' | 'native'): string | undefined {
  if (uri === '' || BEGINNINGS.some((beginning) => beginning.startsWith(uri))) return undefined;
  const objection = validateRegisteredRedirectUri(uri, applicationType);
  return objection === undefined ? undefined : `It cannot be registered: ${objection}.`;
}

const BEGINNINGS = ['https://', 'http://127.0.0.1', 'http://[::1]'];
