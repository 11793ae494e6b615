/** Header and claims, each with what it means. */
import { Fragment } from 'react';
import { exactTime, relativeTime, useNow } from '../../parts/moment.tsx';

/** Of RFC 7519, RFC 9068 and the rest, in few words. */
const MEANINGS: Readonly<Record<string, string>> = {
  alg: 'how it is signed',
  typ: 'what kind of token',
  kid: 'the key it is signed with',
  iss: 'who issued it',
  sub: 'whom it is about',
  aud: 'the API it is for',
  exp: 'when it ends',
  nbf: 'not before',
  iat: 'when it was issued',
  jti: 'its own name',
  cti: 'its own name',
  client_id: 'the app that got it',
  scope: 'what it permits',
  org_id: 'the organization that owns it',
  sid: 'the session it belongs to',
  acr: 'how well the person proved who they are',
  amr: 'how they proved it',
  auth_time: 'when they did',
  act: 'who acts for the person',
  cnf: 'the key it is bound to',
  status: 'where its state is published',
  catm: 'methods it is good for',
  catu: 'addresses it is good for',
  catr: 'how it may be renewed',
};

const TIMES: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat', 'auth_time']);

export interface ClaimsTableProps {
  readonly caption: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export function ClaimsTable({ caption, claims }: ClaimsTableProps) {
  return (
    <table className="claims">
      <caption>{caption}</caption>
      <tbody>
        {Object.entries(claims).map(([name, value]) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
              <span className="small muted">{MEANINGS[name] ?? ''}</span>
            </th>
            <td>
              <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
              {TIMES.has(name) && typeof value === 'number' && <Time seconds={value} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A claim may hold any number; not all of them are times. */
const LAST_SECOND = 253_402_300_799;

function Time({ seconds }: { readonly seconds: number }) {
  const now = useNow(10_000);
  if (seconds < 0 || seconds > LAST_SECOND) return null;
  return (
    <Fragment>
      <span className="small muted">
        {exactTime(seconds)}, {relativeTime(seconds, now)}
      </span>
    </Fragment>
  );
}
