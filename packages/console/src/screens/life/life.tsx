/** Life of a token: sign-in, issue, keep, use, with a real token and the real requests. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Client } from '../../api/described.ts';
import { Loading } from '../../parts/loading.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { announce } from '../../shell/live-region.ts';
import { ChooseApp } from './choose-app.tsx';
import { ExchangeView } from './exchange-view.tsx';
import { Keep } from './keep.tsx';
import { Stages } from './stages.tsx';
import { UseIt } from './use-it.tsx';
import {
  type Arrival,
  type Exchange,
  prepareRequest,
  redeem,
  takeArrival,
  type Tokens,
  tokensOf,
} from './walk.ts';

type Place =
  | { readonly at: 'start' }
  | { readonly at: 'sign-in'; readonly app: Client }
  | { readonly at: 'refused' }
  | { readonly at: 'issue'; readonly arrival: Arrival }
  | {
      readonly at: 'keep' | 'use';
      readonly clientId: string;
      readonly tokens: Tokens;
      readonly issued: Exchange;
    };

/** Read once: the answer is taken out of the address with it. */
function firstPlace(): Place {
  const arrival = takeArrival();
  if (arrival === 'refused') return { at: 'refused' };
  return arrival === undefined ? { at: 'start' } : { at: 'issue', arrival };
}

let first = firstPlace();

const STAGE_OF = { start: 0, refused: 0, 'sign-in': 0, issue: 1, keep: 2, use: 3 } as const;

export default function Life() {
  const [place, setPlace] = useState<Place>(first);
  useEffect(() => {
    first = { at: 'start' };
  }, []);
  return (
    <>
      <PageHeader
        title="Life of a token"
        lead="A real token, from the sign-in to its end, with the requests as they are."
        command="token request --help"
      />
      <Stages now={STAGE_OF[place.at]} />
      <Stage place={place} go={setPlace} />
      {place.at !== 'start' && (
        <p className="section">
          <button type="button" className="plain" onClick={() => setPlace({ at: 'start' })}>
            Start over
          </button>
        </p>
      )}
    </>
  );
}

interface StageProps {
  readonly place: Place;
  readonly go: (place: Place) => void;
}

function Stage({ place, go }: StageProps) {
  switch (place.at) {
    case 'start':
      return <ChooseApp onChosen={(app) => go({ at: 'sign-in', app })} />;
    case 'refused':
      return (
        <div className="problem" role="alert">
          <strong>The sign-in was not finished</strong>
          <span>
            The answer is that of another walk, or access was refused. Start over: nothing was issued.
          </span>
        </div>
      );
    case 'sign-in':
      return <SignIn app={place.app} />;
    case 'issue':
      return <Issue arrival={place.arrival} go={go} />;
    case 'keep':
      return <Keep {...place} onNext={() => go({ ...place, at: 'use' })} />;
    default:
      return <UseIt clientId={place.clientId} first={place.tokens} />;
  }
}

const MEANINGS: Readonly<Record<string, string>> = {
  response_type:
    'a code comes back, not a token: what passes through an address bar is worth nothing by itself',
  client_id: 'which app asks',
  redirect_uri: 'where the code goes; registered, character by character',
  scope: 'what the app would like to do; the person decides',
  state: 'comes back unchanged: so the answer fits this very request',
  code_challenge: 'the hash of a secret that only this page knows (PKCE)',
  code_challenge_method: 'how it was hashed',
};

function SignIn({ app }: { readonly app: Client }) {
  const { data: request } = useQuery({
    queryKey: ['life', app.client_id],
    queryFn: () => prepareRequest(app.client_id),
    gcTime: 0,
    staleTime: Infinity,
  });
  if (request === undefined) return <Loading what="the request" />;
  const leave = (): void => {
    request.remember();
    location.assign(request.address);
  };
  return (
    <section>
      <h2>Sign in: {app.client_name} sends you to the server</h2>
      <div className="flow">
        <p className="page-lead">
          The app never sees your password. It sends your browser to the server with this request; you are
          signed in here already, so the server goes straight to its question whether the app may.
        </p>
        <table className="claims">
          <caption>GET /authorize</caption>
          <tbody>
            {Object.entries(request.parameters).map(([name, value]) => (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td>
                  <code>{value}</code>
                  <br />
                  <span className="small muted">{MEANINGS[name]}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <button type="button" onClick={leave}>
          Next step: go there
        </button>
      </div>
    </section>
  );
}

function Issue({ arrival, go }: { readonly arrival: Arrival; readonly go: (place: Place) => void }) {
  const [failed, setFailed] = useState<Exchange>();
  const [busy, setBusy] = useState(false);
  const next = async (): Promise<void> => {
    setBusy(true);
    const issued = await redeem(arrival);
    const tokens = tokensOf(issued, Date.now());
    setBusy(false);
    if (tokens === undefined) return setFailed(issued);
    announce('A token was issued');
    go({ at: 'keep', clientId: arrival.clientId, tokens, issued });
  };
  return (
    <section>
      <h2>Issue: the code for a token</h2>
      <div className="flow">
        <p className="page-lead">
          You are back, with a code. It is good for a minute, once, and only together with the secret whose
          hash went ahead. Whoever read it on the way could do nothing with it.
        </p>
        <figure className="code">
          <figcaption className="small muted">What came back to this address</figcaption>
          <pre tabIndex={0}>
            <code>{`code=${arrival.code}`}</code>
          </pre>
        </figure>
        <button type="button" disabled={busy} onClick={() => void next()}>
          Next step: exchange it
        </button>
        {failed !== undefined && (
          <>
            <p role="alert">
              The code was not taken: it is more than a minute old, or was used already. Start over.
            </p>
            <ExchangeView exchange={failed} open />
          </>
        )}
      </div>
    </section>
  );
}
