/** Where a token may be kept, and where not. */
import { maskedToken, TokenTile } from '../../parts/token-tile.tsx';
import { ExchangeView } from './exchange-view.tsx';
import type { Exchange, Tokens } from './walk.ts';

export interface KeepProps {
  readonly tokens: Tokens;
  readonly issued: Exchange;
  readonly onNext: () => void;
}

const PLACES = [
  [
    'This page, in a variable',
    'here',
    'Gone with the page. Another site, another tab, an extension’s storage cannot read it.',
  ],
  [
    'A server of yours, behind a cookie',
    'best',
    'The browser holds only an HttpOnly cookie; no script can lose what it never had.',
  ],
  [
    'localStorage, sessionStorage',
    'no',
    'Every script that ever runs on the page can read it, and it stays when the page has gone.',
  ],
  [
    'A URL',
    'never',
    'It goes into histories, logs and the Referer of the next page. This server refuses it there.',
  ],
] as const;

export function Keep({ tokens, issued, onNext }: KeepProps) {
  return (
    <section>
      <h2>Keep: where is it now?</h2>
      <div className="flow">
        <TokenTile
          {...maskedToken(tokens.accessToken)}
          state="live"
          left={1}
          facts={`good for ${tokens.lifetimeSeconds} seconds`}
        />
        <p className="page-lead">
          This page has it in a variable. The server has not: it keeps a hash, which finds the token when it
          comes back and cannot be turned into it.
        </p>
        <ExchangeView exchange={issued} />
        <table className="claims">
          <caption>Places to keep a token</caption>
          <tbody>
            {PLACES.map(([place, verdict, why]) => (
              <tr key={place}>
                <th scope="row">{place}</th>
                <td>
                  <strong>{verdict}</strong> {why}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <button type="button" onClick={onNext}>
          Next step: use it
        </button>
      </div>
    </section>
  );
}
