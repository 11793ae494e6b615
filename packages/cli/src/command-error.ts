import type { ExitCode } from './exit-code.ts';

/** Ends a command: the message goes to stderr, the code to the shell. Never holds a token or a secret. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
