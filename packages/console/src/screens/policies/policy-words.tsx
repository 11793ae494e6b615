/** What policies do and how they are meant, in words. */
import type { Policy } from '../../api/described.ts';

export const MODES: readonly { value: Policy['mode']; text: string; hint: string }[] = [
  { value: 'enforce', text: 'Enforce', hint: 'Tokens that it may concern are judged anew from now on.' },
  {
    value: 'report_only',
    text: 'Report only',
    hint: 'Nothing changes. What it would do is written to Activity.',
  },
  { value: 'off', text: 'Off', hint: 'It is kept, and does nothing.' },
];

const MARKS = {
  enforce: ['■', 'enforced'],
  report_only: ['□', 'reports only'],
  off: ['–', 'off'],
} as const;

/** Without a colour: colours are for tokens. */
export function ModeMark({ mode }: { readonly mode: Policy['mode'] }) {
  const [shape, word] = MARKS[mode];
  return (
    <strong>
      <span aria-hidden="true">{shape}</span> {word}
    </strong>
  );
}

export const OUTCOMES = [
  { value: 'block', text: 'Give no token' },
  { value: 'step_up', text: 'Ask for a better sign-in' },
  { value: 'require_consent', text: 'Ask the person to agree again' },
  { value: 'shorten_lifetime', text: 'Shorten the life of the token' },
  { value: 'lengthen_lifetime', text: 'Lengthen the life of the token' },
] as const;

export function outcomeText({ kind, seconds, acr, max_age: age }: Policy['outcome']): string {
  const text = OUTCOMES.find(({ value }) => value === kind)?.text ?? String(kind);
  if (seconds !== undefined) return `${text}: ${plain(seconds)} s`;
  const parts = [
    acr === undefined ? undefined : plain(acr),
    age === undefined ? undefined : `at most ${plain(age)} s old`,
  ].filter(Boolean);
  return parts.length === 0 ? text : `${text}: ${parts.join(', ')}`;
}

/** A member of an outcome, for people: text and numbers. */
export function plain(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
