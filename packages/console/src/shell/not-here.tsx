/** An address that leads nowhere, or to something this person may not see: the two look alike. */
import { Link } from 'wouter';
import { PageHeader } from '../parts/page-header.tsx';
import { screen } from './address.ts';

export function NotHere() {
  return (
    <>
      <PageHeader
        title="There is nothing here"
        lead="The address is mistyped, what was here is gone, or your role does not show it."
      />
      <p>
        <Link to={screen('/')} className="button quiet">
          Go to the start
        </Link>
      </p>
    </>
  );
}
