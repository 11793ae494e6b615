/** Using a token until its end: each call is verified, and every way to the end can be tried. */
import { useState } from 'react';
import { maskedToken, TokenTile } from '../../parts/token-tile.tsx';
import { useNow } from '../../parts/moment.tsx';
import type { TokenState } from '../../parts/state-mark.tsx';
import { announce } from '../../shell/live-region.ts';
import { ExchangeView } from './exchange-view.tsx';
import { Ring } from './ring.tsx';
import { type Exchange, renew, revoke, sendInUrl, type Tokens, tokensOf, callApi } from './walk.ts';

export interface UseItProps {
  readonly clientId: string;
  readonly first: Tokens;
}

export function UseIt({ clientId, first }: UseItProps) {
  const [tokens, setTokens] = useState(first);
  const [log, setLog] = useState<readonly Exchange[]>([]);
  const [ended, setEnded] = useState<'revoked'>();
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const now = useNow(1000);
  const left = Math.max(0, Math.round((tokens.endsAt - now) / 1000));
  const state: TokenState = ended ?? stateOf(left, tokens.lifetimeSeconds);
  const tell = (text: string): void => {
    setSaid(text);
    announce(text);
  };
  const note = (exchange: Exchange): void => setLog((before) => [exchange, ...before].slice(0, 12));
  const act = async (what: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await what();
    } catch {
      tell('The server did not answer. Nothing is known to have changed.');
    }
    setBusy(false);
  };
  const use = async (): Promise<void> => {
    const answered = await callApi(tokens.accessToken);
    note(answered);
    tell(answered.status === 200 ? 'Verified: the API answered.' : refusalText(answered, ended));
  };
  const getAnother = async (): Promise<void> => {
    const answered = await renew(clientId, tokens.refreshToken ?? '');
    note(answered);
    const fresh = tokensOf(answered, Date.now());
    if (fresh === undefined) return tell('Refused: what was revoked cannot be renewed. Start over.');
    setTokens(fresh);
    setEnded(undefined);
    tell(
      `Renewed: another token, good for ${fresh.lifetimeSeconds} seconds. The refresh token was exchanged with it.`,
    );
  };
  const end = async (): Promise<void> => {
    const started = performance.now();
    note(await revoke(clientId, tokens.accessToken));
    const last = await untilRefused(tokens.accessToken);
    note(last);
    setEnded('revoked');
    tell(`Refused at /userinfo after ${Math.round(performance.now() - started)} ms.`);
  };
  const expose = async (): Promise<void> => {
    note(await sendInUrl(tokens.accessToken));
    tell('Refused, and taken as exposed: by now it would stand in logs and histories. Revoke it.');
  };
  return (
    <section>
      <h2>Use: every request is verified</h2>
      <div className="life">
        <Ring
          leftSeconds={ended === undefined ? left : 0}
          lifetimeSeconds={tokens.lifetimeSeconds}
          state={state}
        />
        <div className="flow">
          <TokenTile
            {...maskedToken(tokens.accessToken)}
            state={state}
            left={ended === undefined ? left / tokens.lifetimeSeconds : 0}
          />
          <div className="buttons">
            <button type="button" disabled={busy} onClick={() => void act(use)}>
              Call an API
            </button>
            <button
              type="button"
              className="quiet"
              disabled={busy || tokens.refreshToken === undefined}
              onClick={() => void act(getAnother)}
            >
              Renew
            </button>
            <button type="button" className="quiet" disabled={busy} onClick={() => void act(end)}>
              Revoke
            </button>
            <button type="button" className="quiet" disabled={busy} onClick={() => void act(expose)}>
              Send it in a URL
            </button>
          </div>
          <p className="outcome">{said === '' ? hint(state) : said}</p>
        </div>
      </div>
      <div className="flow exchanges">
        {log.map((exchange, index) => (
          <ExchangeView key={exchange.id} exchange={exchange} open={index === 0} />
        ))}
      </div>
    </section>
  );
}

/** The last twelfth of a life, and at least ten seconds, is "soon". */
function stateOf(left: number, lifetime: number): TokenState {
  if (left === 0) return 'ended';
  return left <= Math.max(10, lifetime / 12) ? 'ends-soon' : 'live';
}

function hint(state: TokenState): string {
  return state === 'ended'
    ? 'Its time is over. Call an API to see that it is refused, then renew.'
    : 'Call an API with it.';
}

function refusalText({ challenge = '', answer }: Exchange, ended: 'revoked' | undefined): string {
  const why = /error_description="([^"]*)"/.exec(challenge)?.[1] ?? answer.split('\n', 1)[0] ?? '';
  return `Refused: ${why}. ${ended === undefined ? 'Renew it.' : 'Start over.'}`;
}

const PATIENCE_MS = 5000;

/** Asks the API again and again until it refuses: what comes first says how fast a revocation is. */
async function untilRefused(token: string): Promise<Exchange> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
    const answered = await callApi(token);
    if (answered.status !== 200 || performance.now() > end) return answered;
  }
}
