/** What a list says that has nothing in it yet: what would be here, and how to get it. */
import type { ReactNode } from 'react';

export function EmptyState({ text, children }: { readonly text: ReactNode; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <p>{text}</p>
      {children !== undefined && <div className="empty-ways">{children}</div>}
    </div>
  );
}
