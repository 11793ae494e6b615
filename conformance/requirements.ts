// requirements.json: what each standard asks of a server, and the test that holds it to that.
import rows from './requirements.json' with { type: 'json' };

export interface Requirement {
  readonly standard: string;
  readonly section: string;
  /** In our own words. */
  readonly requirement: string;
  /** In conformance/tessera.test.ts the title is the id of a check. */
  readonly test?: { readonly file: string; readonly title: string };
  /** Why there is no test. */
  readonly reason?: string;
}

export const REQUIREMENTS: readonly Requirement[] = rows;
