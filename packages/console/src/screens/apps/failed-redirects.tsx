/** Redirect URIs that this app was refused with, beside the registered one each is most like. */
import type { Client } from '../../api/described.ts';
import { useAsk } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { compareWithNearest, type Marked } from './compare-uris.ts';
import { objectionTo } from './redirect-field.tsx';

export interface FailedRedirectsProps {
  readonly app: Client;
  readonly busy: boolean;
  readonly onAdd: (uri: string) => void;
}

const EVERY_MS = 5000;
const MOST_SHOWN = 3;

export function FailedRedirects({ app, busy, onAdd }: FailedRedirectsProps) {
  const query = { client_id: app.client_id, limit: 100 };
  const { data } = useAsk('GET /admin/v1/refusals', { query }, { every: EVERY_MS });
  const latest = new Map<string, number>();
  for (const { redirect_uri: uri, at } of data?.items ?? []) {
    if (uri !== undefined && !latest.has(uri) && !app.redirect_uris.includes(uri)) latest.set(uri, at);
  }
  if (latest.size === 0) return null;
  return (
    <section className="failed-redirects">
      <h2>Refused</h2>
      <p className="page-lead muted small">
        Somebody was sent here to sign in with an address that is not registered. Anybody can make up such a
        request: add an address only if it is yours.
      </p>
      <ul className="refusals">
        {[...latest].slice(0, MOST_SHOWN).map(([uri, at]) => (
          <li key={uri}>
            <Failed app={app} uri={uri} at={at} busy={busy} onAdd={onAdd} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface FailedProps extends FailedRedirectsProps {
  readonly uri: string;
  readonly at: number;
}

function Failed({ app, uri, at, busy, onAdd }: FailedProps) {
  const comparison = compareWithNearest(uri, app.redirect_uris);
  const notWhole = uri.includes('?')
    ? 'The values of its query are not kept: add it below, in full.'
    : undefined;
  const objection = objectionTo(uri, app.application_type) ?? notWhole;
  return (
    <>
      <dl className="compared">
        <dt>got</dt>
        <dd>{comparison === undefined ? <code>{uri}</code> : <MarkedUri uri={comparison.got} />}</dd>
        {comparison !== undefined && (
          <>
            <dt>registered</dt>
            <dd>
              <MarkedUri uri={comparison.registered} />
            </dd>
          </>
        )}
      </dl>
      <p className="small">
        <Moment at={at} />
        {comparison !== undefined && `, differs from character ${comparison.position} on`}
      </p>
      {objection === undefined ? (
        <p className="buttons">
          <button type="button" className="quiet" disabled={busy || app.built_in} onClick={() => onAdd(uri)}>
            Add this URI<span className="hidden"> {uri}</span>
          </button>
        </p>
      ) : (
        <p className="small muted">{objection}</p>
      )}
    </>
  );
}

function MarkedUri({ uri: { before, differs, after } }: { readonly uri: Marked }) {
  return (
    <code>
      {before}
      {differs === '' ? (
        <mark className="nothing">
          <span className="hidden">(nothing)</span>
        </mark>
      ) : (
        <mark>{differs}</mark>
      )}
      {after}
    </code>
  );
}
