/** A `gateway.yaml` that cannot be used. */

/** One line for each problem: where it is, what is wrong, what to write. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
