/** The app that walks: one whose answers may come back to this screen. */
import { useState } from 'react';
import type { Client } from '../../api/described.ts';
import { useAsk, useTell } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { RadioField } from '../../parts/field.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { useOwned } from '../../shell/organizations.ts';
import { useOwner } from '../../shell/owner-field.tsx';
import { REDIRECT_URI } from './walk.ts';

/** Short enough to see the end. */
const LIFETIME_SECONDS = 30;

export function ChooseApp({ onChosen }: { readonly onChosen: (app: Client) => void }) {
  const asked = useAsk('GET /admin/v1/clients', { query: { limit: 200, ...useOwned() } });
  return (
    <Asked what="your apps" asked={asked}>
      {({ items }) => <Choice apps={items.filter(isFit)} onChosen={onChosen} />}
    </Asked>
  );
}

interface ChoiceProps {
  readonly apps: readonly Client[];
  readonly onChosen: (app: Client) => void;
}

function Choice({ apps, onChosen }: ChoiceProps) {
  const make = useTell('POST /admin/v1/clients');
  const { owner } = useOwner('client.manage');
  const [chosen, setChosen] = useState<string>();
  const register = (): void =>
    make.mutate(
      {
        body: {
          client_name: 'Life of a token',
          ...(owner !== undefined && { organization_id: owner.id }),
          // Answers that come back to localhost are for native apps (RFC 8252 §8.3).
          application_type: REDIRECT_URI.startsWith('https:') ? 'web' : 'native',
          token_endpoint_auth_method: 'none',
          grant_types: ['authorization_code', 'refresh_token'],
          redirect_uris: [REDIRECT_URI],
          access_token_lifetime: LIFETIME_SECONDS,
        },
      },
      { onSuccess: onChosen },
    );
  const selected = apps.find(({ client_id: id }) => id === chosen) ?? apps[0];
  return (
    <div className="flow">
      {selected === undefined ? (
        <EmptyState
          text={`It takes an app whose tokens live ${LIFETIME_SECONDS} seconds, and whose answers come back to this screen. Register one with a click, or add the redirect URI ${REDIRECT_URI} to a public app of yours.`}
        >
          <button type="button" disabled={make.isPending} onClick={register}>
            Register it and start
          </button>
        </EmptyState>
      ) : (
        <>
          <RadioField
            label="Choose one of your apps"
            value={selected.client_id}
            choices={apps.map(({ client_id: value, client_name: text }) => ({ value, text, hint: value }))}
            onChoice={setChosen}
          />
          <div className="buttons">
            <button type="button" onClick={() => onChosen(selected)}>
              Start
            </button>
          </div>
        </>
      )}
      {make.error !== null && <ProblemBox problem={make.error} />}
    </div>
  );
}

function isFit({
  redirect_uris: uris,
  token_endpoint_auth_method: method,
  status,
  grant_types: grants,
}: Client): boolean {
  return (
    status === 'active' &&
    method === 'none' &&
    uris.includes(REDIRECT_URI) &&
    grants.includes('authorization_code')
  );
}
