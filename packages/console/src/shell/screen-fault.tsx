/** A fault of a screen stays with that screen. After an update of the server its files have other names: then it loads anew. */
import { Component, type ReactNode } from 'react';

interface State {
  readonly failed: boolean;
}

export class ScreenFault extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <div className="problem" role="alert">
        <strong>This screen cannot be shown</strong>
        <span>
          It failed, or the server has been updated since this page was opened. Nothing was changed.
        </span>
        <span>
          <button type="button" className="plain" onClick={() => location.reload()}>
            Load it again
          </button>
        </span>
      </div>
    );
  }
}
