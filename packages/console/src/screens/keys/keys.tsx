/** Keys: what signs tokens, one after another for each algorithm. */
import { useState } from 'react';
import type { SigningKey } from '../../api/described.ts';
import { useAsk, useTell } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { ConfirmTell } from '../../parts/confirm-tell.tsx';
import { RadioField } from '../../parts/field.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { StateMark } from '../../parts/state-mark.tsx';

export default function Keys() {
  const asked = useAsk('GET /admin/v1/keys', {});
  const [rotating, setRotating] = useState(false);
  const [retiring, setRetiring] = useState<SigningKey>();
  const [revoking, setRevoking] = useState<SigningKey>();
  return (
    <>
      <PageHeader
        title="Keys"
        lead="A new key is published first, signs ten minutes later, and its predecessor stays published until the last token it signed is over. They follow each other by themselves."
        action={
          <button type="button" onClick={() => setRotating(true)}>
            Rotate
          </button>
        }
        command="key list"
      />
      <Asked what="the keys" asked={asked}>
        {({ items }) => (
          <DataTable
            label="signing keys"
            rows={items}
            keyOf={(key) => key.kid}
            columns={[
              { name: 'Key', cell: (key) => <code>{key.kid}</code> },
              { name: 'Algorithm', cell: (key) => key.alg },
              { name: 'State', cell: (key) => <KeyState state={key.state} /> },
              { name: 'Made', cell: (key) => <Moment at={key.created_at} /> },
              { name: 'Signs from', cell: (key) => <Moment at={key.active_from} /> },
              {
                name: 'Leaves',
                cell: ({ retires_at: at }) =>
                  at === undefined ? 'when a successor signs' : <Moment at={at} />,
              },
              {
                name: 'What can be done',
                quiet: true,
                cell: (key) => (
                  <>
                    {key.state === 'retiring' && (
                      <button type="button" className="plain" onClick={() => setRetiring(key)}>
                        Retire now
                      </button>
                    )}
                    <button
                      type="button"
                      className="plain"
                      aria-label={`Revoke ${key.kid}`}
                      onClick={() => setRevoking(key)}
                    >
                      Revoke
                    </button>
                  </>
                ),
              },
            ]}
          />
        )}
      </Asked>
      {rotating && <Rotate onClose={() => setRotating(false)} />}
      {retiring !== undefined && <Retire signingKey={retiring} onClose={() => setRetiring(undefined)} />}
      {revoking !== undefined && <Revoke signingKey={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

const STATES = {
  next: ['waiting', 'signs next'],
  active: ['live', 'signs now'],
  retiring: ['ends-soon', 'verifies only'],
} as const;

function KeyState({ state }: Pick<SigningKey, 'state'>) {
  const [mark, word] = STATES[state];
  return <StateMark state={mark} word={word} />;
}

const ALGS = [
  { value: 'ES256', text: 'ES256', hint: 'Signs access tokens, unless an API names another.' },
  { value: 'RS256', text: 'RS256', hint: 'Signs ID tokens, unless an app registered another.' },
  { value: 'PS256', text: 'PS256', hint: 'For APIs and apps that name it.' },
  { value: 'EdDSA', text: 'EdDSA', hint: 'For APIs and apps that name it.' },
] as const;

const WHEN = [
  { value: 'later', text: 'In ten minutes', hint: 'Every API has fetched it by then.' },
  {
    value: 'now',
    text: 'Now',
    hint: 'An API that has not fetched it yet refuses a token or two. If the old one has leaked, revoke it instead.',
  },
] as const;

function Rotate({ onClose }: { readonly onClose: () => void }) {
  const [alg, setAlg] = useState<(typeof ALGS)[number]['value']>('ES256');
  const [when, setWhen] = useState<(typeof WHEN)[number]['value']>('later');
  const rotate = useTell('POST /admin/v1/keys/rotate');
  return (
    <ConfirmTell
      title="Rotate a signing key"
      verb="Rotate"
      tell={rotate}
      given={{ body: { alg, immediately: when === 'now' } }}
      onClose={onClose}
    >
      <RadioField label="Algorithm" value={alg} choices={ALGS} onChoice={setAlg} />
      <RadioField label="The new one signs" value={when} choices={WHEN} onChoice={setWhen} />
    </ConfirmTell>
  );
}

function Retire({ signingKey, onClose }: { readonly signingKey: SigningKey; readonly onClose: () => void }) {
  const retire = useTell('DELETE /admin/v1/keys/{kid}');
  return (
    <ConfirmTell
      title="Retire this key now?"
      verb="Retire"
      tell={retire}
      given={{ path: { kid: signingKey.kid } }}
      onClose={onClose}
    >
      <p>
        Every token that <code>{signingKey.kid}</code> signed is refused from now on, good or not.
      </p>
    </ConfirmTell>
  );
}

const SUCCESSORS = {
  next: 'Another key is announced in its place, and the one that signs now goes on.',
  active: 'Another key signs at once.',
  retiring: 'The key that signs now goes on.',
} as const;

function Revoke({ signingKey, onClose }: { readonly signingKey: SigningKey; readonly onClose: () => void }) {
  const revoke = useTell('POST /admin/v1/keys/{kid}/revoke');
  const { kid, alg, state } = signingKey;
  return (
    <ConfirmTell
      title="Revoke this key?"
      verb="Revoke"
      tell={revoke}
      given={{ path: { kid } }}
      onClose={onClose}
    >
      <p>
        For a private key that somebody else may have. <code>{kid}</code> leaves the published set at once,
        for good. {SUCCESSORS[state]}
      </p>
      <p>
        It ends every token that it signed with {alg}: access tokens that APIs check by their signature, and
        ID tokens as a hint of who signs in. APIs and gateways that listen refuse them within a second. Apps
        with a refresh token get new ones by themselves.
      </p>
      <p>It ends no sign-in, no refresh token, and no opaque or personal access token.</p>
    </ConfirmTell>
  );
}
