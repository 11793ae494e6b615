/** What the exit codes of `tessera` mean; scripts rely on them. */
export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  invalidToken: 3,
  notSignedIn: 4,
  forbidden: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
