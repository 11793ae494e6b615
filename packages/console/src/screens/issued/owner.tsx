/** Whose a token is, and the way to them: operators see each account, others the members of their organization. */
import { Link } from 'wouter';
import type { PersonalAccessToken } from '../../api/described.ts';
import { screen } from '../../shell/address.ts';
import { useSession } from '../../shell/session.ts';

export function Owner({ token }: { readonly token: PersonalAccessToken }) {
  const isOperator = useSession()?.person.role === 'admin';
  const { user_id: id, user_name: name, user_email: email } = token;
  return (
    <>
      <Link to={screen(isOperator ? `/people/${encodeURIComponent(id)}` : '/people/members')}>
        {name === '' ? email : name}
      </Link>
      {name !== '' && name !== email && (
        <>
          <br />
          <span className="small muted">{email}</span>
        </>
      )}
    </>
  );
}
