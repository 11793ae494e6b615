/** What one check of the doctor found. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do, where it is not ok. */
  readonly fix?: string;
}

export function good(check: string, detail: string): Finding {
  return { check, ok: true, detail };
}

export function bad(check: string, detail: string, fix: string): Finding {
  return { check, ok: false, detail, fix };
}
