/** Explain a token: what it says, whether it is genuine, whether an API would accept it. Pasted, it stays in this page. */
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { TextArea, TextField } from '../../parts/field.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { maskedToken, TokenTile } from '../../parts/token-tile.tsx';
import { ISSUER, PREFIX } from '../../shell/address.ts';
import { useSession } from '../../shell/session.ts';
import { CheckList } from './check-list.tsx';
import { ClaimsTable } from './claims-table.tsx';
import { type Explanation, explainInPage } from './explanation.ts';
import { OpaqueNote } from './opaque-note.tsx';
import { SAMPLES, type Sample } from './samples.ts';
import { ServerAnswer, useApiIdentifiers } from './server-answer.tsx';
import type { PublicKey } from './verify-signature.ts';

export default function Explain() {
  const [token, setToken] = useState('');
  const [issuer, setIssuer] = useState(ISSUER);
  const [pastedKeys, setPastedKeys] = useState('');
  const [audience, setAudience] = useState('');
  const [scope, setScope] = useState('');
  const own = useQuery({ queryKey: ['jwks'], queryFn: ownKeys, staleTime: 60_000 });
  const keys = pastedKeys === '' ? (own.data ?? []) : (keysIn(pastedKeys) ?? []);
  const pasted = token.trim();
  const question = { token: pasted, issuer, keys, audience, scopes: scope.split(/\s+/).filter(Boolean) };
  // In memory, and gone with the page: a token that was pasted is nobody else's.
  const explained = useQuery({
    queryKey: ['explain', question],
    queryFn: () => explainInPage(question),
    enabled: pasted !== '',
    gcTime: 0,
    placeholderData: (before) => before,
  });
  const trySample = (sample: Sample): void => {
    setToken(sample.token);
    setIssuer(sample.issuer);
    setPastedKeys(sample.keys.length === 0 ? '' : JSON.stringify({ keys: sample.keys }, null, 2));
    setAudience(sample.audience);
    setScope('');
  };
  return (
    <>
      <PageHeader
        title="Explain a token"
        lead="Paste one. It stays in this page: nothing is sent unless you ask the server."
        command="token explain -"
      />
      <div className="form wide">
        <TextArea
          label="Token"
          rows={4}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="none"
          value={token}
          onText={setToken}
        />
        <div className="samples small">
          <span className="muted">Or try</span>
          {SAMPLES.map(({ name, make }) => (
            <button
              key={name}
              type="button"
              className="plain"
              onClick={() => void make(ISSUER).then(trySample)}
            >
              {name}
            </button>
          ))}
        </div>
      </div>
      {pasted !== '' && explained.data !== undefined && (
        <Parts
          token={pasted}
          explanation={explained.data}
          trusted={{ issuer, setIssuer, pastedKeys, setPastedKeys }}
          wanted={{ audience, setAudience, scope, setScope }}
        />
      )}
    </>
  );
}

interface PartsProps {
  readonly token: string;
  readonly explanation: Explanation;
  readonly trusted: TrustedProps;
  readonly wanted: WantedProps;
}

function Parts({ token, explanation, trusted, wanted }: PartsProps) {
  const { read, genuine, accepted } = explanation;
  const session = useSession();
  const isOperator = session?.person.role === 'admin';
  return (
    <>
      <section className="section">
        <h2>
          <span className="step">1</span>What it says
        </h2>
        <div className="flow">
          {read === undefined ? (
            <p>Nothing: it is no token that can be read.</p>
          ) : (
            <Says token={token} explanation={explanation} api={wanted.audience} />
          )}
        </div>
      </section>
      <section className="section">
        <h2>
          <span className="step">2</span>Is it genuine?
        </h2>
        <div className="flow">
          <CheckList label="Is it genuine?" checks={genuine} />
          {(read?.format === 'jwt' || read?.format === 'cwt') && <Trusted {...trusted} />}
        </div>
      </section>
      <section className="section">
        <h2>
          <span className="step">3</span>Would my API accept it?
        </h2>
        <div className="flow">
          <Wanted {...wanted} isOperator={isOperator} />
          {accepted.length > 0 && <CheckList label="Would my API accept it?" checks={accepted} />}
          {isOperator ? (
            <ServerAnswer token={token} audience={wanted.audience} scope={wanted.scope} />
          ) : (
            <p className="note small">
              Whether it was revoked, only its server knows.{' '}
              {session === undefined && (
                <a href={`${PREFIX}/login?next=console&path=/console/explain`}>Sign in to ask it</a>
              )}
            </p>
          )}
        </div>
      </section>
    </>
  );
}

function Says({
  token,
  explanation: { read, genuine, accepted },
  api,
}: {
  readonly token: string;
  readonly explanation: Explanation;
  readonly api: string;
}) {
  if (read === undefined) return null;
  const failed = [...genuine, ...accepted].find(({ result }) => result === 'failed');
  const state =
    failed === undefined ? 'live' : failed.check === 'expiry' || failed.check === 'exp' ? 'ended' : 'refused';
  const word =
    read.format === 'opaque'
      ? 'its server knows'
      : failed === undefined
        ? 'nothing found against it'
        : undefined;
  return (
    <>
      <TokenTile
        {...maskedToken(token)}
        format={read.format}
        state={read.format === 'opaque' && failed === undefined ? 'waiting' : state}
        {...(word === undefined ? {} : { word })}
      />
      {read.format === 'opaque' ? (
        <OpaqueNote kind={read.kind} api={api === '' ? 'https://your-api.example/' : api} />
      ) : (
        <div className="says">
          <ClaimsTable caption="Header" claims={read.header} />
          <ClaimsTable caption="Claims" claims={read.claims} />
        </div>
      )}
    </>
  );
}

interface TrustedProps {
  readonly issuer: string;
  readonly setIssuer: (text: string) => void;
  readonly pastedKeys: string;
  readonly setPastedKeys: (text: string) => void;
}

function Trusted({ issuer, setIssuer, pastedKeys, setPastedKeys }: TrustedProps) {
  return (
    <details>
      <summary>
        Checked against {issuer === ISSUER ? 'this server and the keys it publishes' : issuer}
      </summary>
      <div className="form wide">
        <TextField label="The issuer that is trusted" mono value={issuer} onText={setIssuer} />
        <TextArea
          label="Its keys (a JWK set)"
          hint="Empty: the keys of this server."
          spellCheck={false}
          value={pastedKeys}
          onText={setPastedKeys}
          wrong={pastedKeys !== '' && keysIn(pastedKeys) === undefined ? 'This is no JWK set.' : undefined}
        />
      </div>
    </details>
  );
}

interface WantedProps {
  readonly audience: string;
  readonly setAudience: (text: string) => void;
  readonly scope: string;
  readonly setScope: (text: string) => void;
}

function Wanted({
  audience,
  setAudience,
  scope,
  setScope,
  isOperator,
}: WantedProps & { readonly isOperator: boolean }) {
  const list = useId();
  const apis = useApiIdentifiers(isOperator);
  return (
    <div className="form wide pair">
      <TextField
        label="Your API’s identifier"
        mono
        list={list}
        autoComplete="off"
        placeholder="https://your-api.example/"
        value={audience}
        onText={setAudience}
      />
      <datalist id={list}>
        {apis.map((identifier) => (
          <option key={identifier} value={identifier} />
        ))}
      </datalist>
      <TextField label="Scopes it asks for" mono autoComplete="off" value={scope} onText={setScope} />
    </div>
  );
}

async function ownKeys(): Promise<readonly PublicKey[]> {
  const answer = await fetch(`${PREFIX}/.well-known/jwks.json`);
  return ((await answer.json()) as { readonly keys: readonly PublicKey[] }).keys;
}

function keysIn(text: string): readonly PublicKey[] | undefined {
  try {
    const { keys } = JSON.parse(text) as { readonly keys?: readonly PublicKey[] };
    return Array.isArray(keys) ? keys : undefined;
  } catch {
    return undefined;
  }
}
