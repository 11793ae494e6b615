/** Personal access tokens that wait for somebody's yes. */
import { useState } from 'react';
import type { PersonalAccessToken } from '../../api/described.ts';
import { useList, useTell } from '../../api/use-api.ts';
import { Confirm } from '../../parts/dialog.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextField } from '../../parts/field.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useOwned } from '../../shell/organizations.ts';
import { Owner } from './owner.tsx';

interface Decision {
  readonly token: PersonalAccessToken;
  readonly verb: 'Approve' | 'Deny';
}

export function Awaiting() {
  const [decision, setDecision] = useState<Decision>();
  const list = useList('GET /admin/v1/personal-access-tokens', {
    query: { status: 'pending', ...useOwned() },
  });
  return (
    <>
      <ListView
        label="tokens that await approval"
        list={list}
        keyOf={(token) => token.id}
        empty={
          <EmptyState text="Nothing waits. Tokens come here where an organization's token rules ask for approval." />
        }
        columns={[
          { name: 'Token', cell: (token) => token.name },
          { name: 'Asked for by', cell: (token) => <Owner token={token} /> },
          { name: 'What for', cell: (token) => token.description ?? 'not said' },
          { name: 'API', cell: ({ resource }) => resource ?? 'the default API' },
          { name: 'Permissions', cell: ({ scopes }) => (scopes.length === 0 ? 'none' : scopes.join(' ')) },
          { name: 'Asked', cell: (token) => <Moment at={token.created_at} /> },
          {
            name: 'What can be done',
            quiet: true,
            cell: (token) => (
              <>
                {(['Approve', 'Deny'] as const).map((verb) => (
                  <button
                    key={verb}
                    type="button"
                    className="plain"
                    onClick={() => setDecision({ token, verb })}
                  >
                    {verb}
                    <span className="hidden"> {token.name}</span>
                  </button>
                ))}
              </>
            ),
          },
        ]}
      />
      {decision !== undefined && <Decide {...decision} onClose={() => setDecision(undefined)} />}
    </>
  );
}

function Decide({ token, verb, onClose }: Decision & { readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const approve = useTell('POST /admin/v1/personal-access-tokens/{id}/approve');
  const deny = useTell('POST /admin/v1/personal-access-tokens/{id}/deny');
  const path = { id: token.id };
  const busy = approve.isPending || deny.isPending;
  return (
    <Confirm
      title={`${verb} ${token.name}?`}
      verb={verb}
      busy={busy}
      problem={approve.error ?? deny.error}
      onClose={onClose}
      onConfirm={() => {
        if (verb === 'Deny') deny.mutate({ path, body: { reason } }, { onSuccess: onClose });
        else approve.mutate({ path, body: reason === '' ? {} : { reason } }, { onSuccess: onClose });
      }}
    >
      <p>
        {verb === 'Approve'
          ? 'It works from now on. Its owner gets a mail.'
          : 'It never works. Its owner gets a mail with your reason.'}
      </p>
      <TextField
        label={verb === 'Deny' ? 'Reason' : 'Reason (optional)'}
        required={verb === 'Deny'}
        maxLength={300}
        value={reason}
        onText={setReason}
      />
    </Confirm>
  );
}
