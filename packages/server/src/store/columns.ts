import type { Value } from './statement.ts';

type MayBeNull<Columns> = {
  [Key in keyof Columns]-?: null extends Columns[Key] ? Key : never;
}[keyof Columns];

/** `Columns` with each column that may be NULL as a member that may be absent. */
export type Present<Columns> = {
  readonly [Key in Exclude<keyof Columns, MayBeNull<Columns>>]: Columns[Key];
} & {
  readonly [Key in MayBeNull<Columns>]?: Exclude<Columns[Key], null>;
};

/** Leaves out what is NULL: the domain's types know only absent members. */
export function present<Columns extends object>(columns: Columns): Present<Columns> {
  const kept: Partial<Columns> = {};
  // Every row passes here: a plain loop costs a third of entries, filter and fromEntries.
  for (const key in columns) {
    if (columns[key] !== null) kept[key] = columns[key];
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is NULL was left out just now
  return kept as Present<Columns>;
}

/** Absent becomes NULL. */
export function nullable<Type extends Value>(value: Type | undefined): Type | null {
  return value ?? null;
}

/** Scope names hold no space (RFC 6749 §3.3), so a list of them is stored as on the wire. */
export function joinScopes(scopes: readonly string[]): string {
  return scopes.join(' ');
}

export function splitScopes(stored: string): readonly string[] {
  return stored === '' ? [] : stored.split(' ');
}

export function toJson(value: unknown): string {
  return JSON.stringify(value);
}

/** JSON that this store wrote itself; hence no check. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the column decides what the JSON is
export function fromJson<Type>(stored: string): Type {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return JSON.parse(stored) as Type;
}

export function toFlag(value: boolean): number {
  return value ? 1 : 0;
}

/** Freezes plain objects and arrays all the way down; bytes stay as they are (JavaScript cannot freeze them). */
export function deepFreeze<Type>(value: Type): Type {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
