import type { Client } from '../../api/described.ts';
import { ShownOnce } from '../../parts/shown-once.tsx';
import { asksForItself } from './app-kinds.ts';
import { FirstToken } from './first-token.tsx';

export interface NewSecretShownProps {
  readonly app: Client;
  readonly secret: string;
  readonly onDone: () => void;
}

/** A secret of an app, this once, with what it is good for. */
export function NewSecretShown({ app, secret, onDone }: NewSecretShownProps) {
  return (
    <ShownOnce title={`The secret of ${app.client_name}`} what="secret" value={secret} onDone={onDone}>
      {asksForItself(app) && <FirstToken app={app} secret={secret} />}
    </ShownOnce>
  );
}
