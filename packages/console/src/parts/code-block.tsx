/** Lines to copy. */
import { CopyButton } from './copy-button.tsx';

export interface CodeBlockProps {
  readonly code: string;
  /** What it is, such as `Get a token`. */
  readonly caption: string;
}

export function CodeBlock({ code, caption }: CodeBlockProps) {
  return (
    <figure className="code">
      <figcaption className="small muted">
        {caption}
        <CopyButton text={code} what="code" />
      </figcaption>
      {/* It scrolls, so the keyboard has to reach it. */}
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
    </figure>
  );
}
