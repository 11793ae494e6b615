/** Asked before a dangerous act when the last sign-in was long ago. */
import { Dialog } from '../parts/dialog.tsx';
import { signInAddress } from './address.ts';
import { keepDrafts } from './draft.ts';

export function SignInAgain({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Sign in again to do this" onClose={onClose}>
      <div className="flow">
        <p>
          This asks for a sign-in of the last 15 minutes, with your second factor where you have one: it must
          not be done with a browser that was left open. Nothing has happened yet, and what you filled in
          stays. You are led back to this screen.
        </p>
        <div className="buttons">
          <a className="button" href={signInAddress()} onClick={keepDrafts}>
            Sign in again
          </a>
          <button type="button" className="quiet" onClick={onClose}>
            Cancel
          </button>
        </div>
      </div>
    </Dialog>
  );
}
