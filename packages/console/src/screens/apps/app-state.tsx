import type { Client } from '../../api/described.ts';
import { StateMark } from '../../parts/state-mark.tsx';

/** Whether an app gets tokens. */
export function AppState({ app }: { readonly app: Pick<Client, 'status'> }) {
  return app.status === 'active' ? (
    <StateMark state="live" />
  ) : (
    <StateMark state="ended" word="switched off" />
  );
}
