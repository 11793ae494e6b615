import type { CreatedPersonalAccessToken } from '../../api/described.ts';
import { CodeBlock } from '../../parts/code-block.tsx';
import { ShownOnce } from '../../parts/shown-once.tsx';
import { maskedToken, TokenTile } from '../../parts/token-tile.tsx';

export interface TokenShownProps {
  readonly token: CreatedPersonalAccessToken;
  readonly onDone: () => void;
}

/** A personal access token, this once, with the call it is for. */
export function TokenShown({ token, onDone }: TokenShownProps) {
  const {
    name,
    personal_access_token: value,
    resource = 'https://your-api.example/',
    status,
    scopes,
  } = token;
  const isPending = status === 'pending';
  return (
    <ShownOnce title={`Your token ${name}`} what="token" value={value} onDone={onDone}>
      <TokenTile
        {...maskedToken(value)}
        state={isPending ? 'waiting' : 'live'}
        {...(isPending && { word: 'waits for approval' })}
        facts={`${scopes.length} ${scopes.length === 1 ? 'permission' : 'permissions'} at ${resource}`}
      />
      <CodeBlock caption="Use it" code={`curl -H 'Authorization: Bearer ${value}' ${resource}`} />
      <p className="small muted">
        Where an API takes HTTP Basic, it is the password, with any user name. It never goes into a URL.
      </p>
    </ShownOnce>
  );
}
