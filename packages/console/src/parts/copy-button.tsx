/** Copies a text; says so to everyone. Absent where the browser has no clipboard to give. */
import { useEffect, useState } from 'react';
import { announce } from '../shell/live-region.ts';

export interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for those who cannot see what stands beside the button. */
  readonly what: string;
  readonly primary?: boolean;
}

const SAID_FOR_MS = 2000;

export function CopyButton({ text, what, primary = false }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  if (!('clipboard' in navigator)) return null;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce(`Copied the ${what}`);
  };
  return (
    <button type="button" className={primary ? 'copy' : 'plain copy'} onClick={() => void copy()}>
      {copied ? 'Copied' : 'Copy'}
      <span className="hidden"> the {what}</span>
    </button>
  );
}
