/** The command that does what the screen does. */
import { CopyButton } from './copy-button.tsx';

export function CommandLine({ command }: { readonly command: string }) {
  const whole = `tessera ${command}`;
  return (
    <p className="command-line small">
      <span className="muted">Same on the command line</span>
      <code>{whole}</code>
      <CopyButton text={whole} what="command" />
    </p>
  );
}
