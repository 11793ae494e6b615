/** What only the server knows of a token: whether it was issued and revoked, who minted it, and where it was refused. */
import { useAsk, useTell } from '../../api/use-api.ts';
import type { PersonalAccessToken, TokenExplanation } from '../../api/described.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import type { ReactNode } from 'react';
import { TokenStateMark } from '../tokens/token-state.tsx';
import { CheckList } from './check-list.tsx';

export interface ServerAnswerProps {
  readonly token: string;
  readonly audience: string;
  readonly scope: string;
}

/** Sent in the body of a request to this server, and neither logged nor kept there. */
export function ServerAnswer({ token, audience, scope }: ServerAnswerProps) {
  const ask = useTell('POST /admin/v1/tokens/explain');
  const question = { token, ...(audience !== '' && { audience }), ...(scope !== '' && { scope }) };
  return (
    <div className="flow">
      <p>
        <button type="button" disabled={ask.isPending} onClick={() => ask.mutate({ body: question })}>
          Ask this server
        </button>{' '}
        <span className="small muted">Sends the token to this server, which neither logs nor keeps it.</span>
      </p>
      {ask.error !== null && <ProblemBox problem={ask.error} />}
      {ask.data !== undefined && <Answered told={ask.data} />}
    </div>
  );
}

function Answered({ told }: { readonly told: TokenExplanation }) {
  const { good, checks, kept, background, personal_access_token: personal, refusals = [] } = told;
  return (
    <>
      <p role="status">
        {good ? <StateMark state="live" word="accepted" /> : <StateMark state="refused" />}{' '}
        {good ? 'No check failed.' : 'At least one check failed; the fix stands beside it.'}
      </p>
      <CheckList label="Checks of this server" checks={checks} />
      {kept !== undefined && (
        <dl className="facts">
          <Fact name="Minted by">
            {background?.client_name ?? kept.client_id} <Moment at={kept.issued_at} />
          </Fact>
          {background?.user_email !== undefined && <Fact name="For">{background.user_email}</Fact>}
          {background !== undefined && (
            <Fact name="Why this life">
              {background.lifetime} seconds: {background.lifetime_rule}
            </Fact>
          )}
          <Fact name="Ends">
            <Moment at={kept.expires_at} />
          </Fact>
          <Fact name="Token ID">
            <code>{kept.token_id}</code> <CopyButton text={kept.token_id} what="token ID" />
          </Fact>
        </dl>
      )}
      {personal !== undefined && <PersonalTokenFacts token={personal} />}
      {refusals.length > 0 && (
        <ul className="refusals" aria-label="Where this server refused it">
          {refusals.map((refusal) => (
            <li key={refusal.request_id}>
              <p className="refusal-what">
                <StateMark state="refused" word={`${refusal.status} ${refusal.error}`} />
                <code>
                  {refusal.method} {refusal.path}
                </code>
                <Moment at={refusal.at} />
              </p>
              <p>{refusal.description}</p>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function PersonalTokenFacts({ token }: { readonly token: PersonalAccessToken }) {
  const { last_used: use, expires_at: ends, decided_at: decided, decision_reason: reason } = token;
  return (
    <dl className="facts">
      <Fact name="Personal access token">
        {token.name}, …{token.hint} <TokenStateMark token={token} />
      </Fact>
      <Fact name="Made">
        <Moment at={token.created_at} /> by <code>{token.user_id}</code>
      </Fact>
      <Fact name="Permissions">{token.scopes.join(' ')}</Fact>
      {decided !== undefined && (
        <Fact name="Decided about">
          <Moment at={decided} />
          {reason !== undefined && `: ${reason}`}
        </Fact>
      )}
      <Fact name="Last used">
        {use === undefined ? 'never' : <Moment at={use.at} />}
        {use?.address !== undefined && ` from ${use.address}`}
      </Fact>
      <Fact name="Ends">{ends === undefined ? 'never' : <Moment at={ends} />}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The APIs that an operator may choose from. */
export function useApiIdentifiers(when: boolean): readonly string[] {
  const { data } = useAsk('GET /admin/v1/resources', { query: { limit: 200 } }, { when });
  return data?.items.map(({ identifier }) => identifier) ?? [];
}
