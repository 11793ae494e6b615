/** The command that does what the screen does. */
import { Fragment } from 'react';
import { CopyButton } from './copy-button.tsx';

export function CommandLine({ command }: { readonly command: string }) {
  const whole = `tessera ${command}`;
  return (
    <p className="command-line small">
      <span className="muted">Same on the command line</span>
      <code>
        {whole.split(' ').map((word, index) => (
          // A line ends between words, never after the hyphens of an option.
          <Fragment key={`${index} ${word}`}>
            {index > 0 && ' '}
            <span className="word">{word}</span>
          </Fragment>
        ))}
      </code>
      <CopyButton text={whole} what="command" />
    </p>
  );
}
