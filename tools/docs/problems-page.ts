/** docs/reference/problems.md: the closed table of the admin and account APIs. */
import { PROBLEM_FIXES } from '../../packages/cli/src/fixes/problem-fixes.ts';
import { PROBLEMS, type ProblemCode } from '../../packages/server/src/api/problem.ts';

const ADVICE: Readonly<Record<ProblemCode, string>> = PROBLEM_FIXES;

export function problemsPage(): string {
  const entries = Object.entries(PROBLEMS).map(
    ([name, { status, title }]) => `## ${name}\n\n${status}: *${title}.*\n\n${ADVICE[name as ProblemCode]}`,
  );
  return `# Problems

The admin and account APIs answer what they refuse with problem details (RFC 9457): \`type\` is the address of an entry on this page,
\`detail\` says what it was this time, and \`errors\` points to what has to change.

${entries.join('\n\n')}
`;
}
