/** What policies do and how they are meant, in words. */
import type { Policy } from '../../api/described.ts';
import { StateMark } from '../../parts/state-mark.tsx';

export const MODES: readonly { value: Policy['mode']; text: string; hint: string }[] = [
  { value: 'enforce', text: 'Enforce', hint: 'Tokens that it may concern are judged anew from now on.' },
  {
    value: 'report_only',
    text: 'Report only',
    hint: 'Nothing changes. What it would do is written to Activity.',
  },
  { value: 'off', text: 'Off', hint: 'It is kept, and does nothing.' },
];

export function ModeMark({ mode }: { readonly mode: Policy['mode'] }) {
  if (mode === 'enforce') return <StateMark state="live" word="enforced" />;
  return mode === 'off' ? (
    <StateMark state="ended" word="off" />
  ) : (
    <StateMark state="waiting" word="reports only" />
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
  if (seconds !== undefined) return `${text}: ${String(seconds)} s`;
  const parts = [acr, age === undefined ? undefined : `at most ${String(age)} s old`].filter(Boolean);
  return parts.length === 0 ? text : `${text}: ${parts.join(', ')}`;
}
