/** The top of each screen: its name, what it is for, the one main action, and the same on the command line. */
import { type ReactNode, useEffect, useRef } from 'react';
import { announce } from '../shell/live-region.ts';
import { CommandLine } from './command-line.tsx';

export interface PageHeaderProps {
  /** Also of the window, unless `windowTitle` says more. */
  readonly title: string;
  readonly windowTitle?: string;
  /** What stands after the name, such as a state. */
  readonly beside?: ReactNode;
  readonly lead?: ReactNode;
  /** The main action. */
  readonly action?: ReactNode;
  /** The command that does the same, without `tessera`. */
  readonly command?: string;
  /** Where this screen belongs. */
  readonly above?: ReactNode;
}

/** The first screen is where the browser put the person; only later ones have to be pointed to. */
let arrivedBefore = false;

export function PageHeader({
  title,
  windowTitle = title,
  beside,
  lead,
  action,
  command,
  above,
}: PageHeaderProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${windowTitle} · Tessera`;
  }, [windowTitle]);
  useEffect(() => {
    if (arrivedBefore) {
      window.scrollTo(0, 0);
      heading.current?.focus({ preventScroll: true });
      announce(document.title);
    }
    arrivedBefore = true;
  }, []);
  return (
    <header className="page-header">
      {above !== undefined && <p className="above small">{above}</p>}
      <div className="page-title">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {beside}
        {action !== undefined && <div className="page-action">{action}</div>}
      </div>
      {lead !== undefined && <p className="page-lead muted">{lead}</p>}
      {command !== undefined && <CommandLine command={command} />}
    </header>
  );
}
