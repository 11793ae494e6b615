/** The conditions of a policy as lines of a form, and back. A line that this console does not know stays as it was. */

export interface ConditionRow {
  readonly name: string;
  /** The member: `any_of`, `none_of`, `at_least`, `below`. */
  readonly word: string;
  /** As typed: several with commas or line breaks between. */
  readonly text: string;
}

export interface ConditionKind {
  readonly name: string;
  readonly text: string;
  readonly hint: string;
  readonly words: readonly string[];
}

const SOME = ['any_of', 'none_of'] as const;

/** As the server names them, and as people do. */
export const CONDITION_KINDS: readonly ConditionKind[] = [
  { name: 'client', text: 'App', hint: 'Ids of apps.', words: SOME },
  { name: 'resource', text: 'API', hint: 'Identifiers of APIs.', words: SOME },
  { name: 'scope', text: 'Permission', hint: 'Scopes that the token would carry.', words: SOME },
  { name: 'user', text: 'Person', hint: 'Ids of people.', words: SOME },
  {
    name: 'membership',
    text: 'Organization and role',
    hint: 'An organization, or org_id:owner for one role in it.',
    words: SOME,
  },
  { name: 'network', text: 'Network', hint: 'Such as 10.0.0.0/8 or 2001:db8::/32.', words: SOME },
  { name: 'acr', text: 'Strength of the sign-in', hint: 'Such as urn:tessera:acr:mfa.', words: SOME },
  { name: 'amr', text: 'Means of the sign-in', hint: 'Such as pwd, otp, hwk, mfa.', words: SOME },
  { name: 'sign_in_age', text: 'Age of the sign-in', hint: 'In seconds.', words: ['at_least', 'below'] },
  { name: 'binding', text: 'Binding', hint: 'dpop, mtls or none.', words: SOME },
  { name: 'risk', text: 'Risk', hint: 'low, medium or high.', words: ['at_least'] },
];

export const WORDS: Readonly<Record<string, string>> = {
  any_of: 'is one of',
  none_of: 'is none of',
  at_least: 'is at least',
  below: 'is below',
};

type Conditions = Readonly<Record<string, unknown>>;

/** @returns the lines, and what has no lines here */
export function rowsOf(conditions: Conditions): {
  readonly rows: readonly ConditionRow[];
  readonly others: Conditions;
} {
  const entries = Object.entries(conditions);
  const rows = entries.filter(([name]) => isKnown(name)).flatMap(([name, asked]) => rowsOfOne(name, asked));
  return { rows, others: Object.fromEntries(entries.filter(([name]) => !isKnown(name))) };
}

function isKnown(name: string): boolean {
  return CONDITION_KINDS.some((kind) => kind.name === name);
}

function rowsOfOne(name: string, asked: unknown): readonly ConditionRow[] {
  return Object.entries(Object(asked)).map(([word, value]: [string, unknown]) => ({
    name,
    word,
    text: Array.isArray(value) ? value.map(textOf).join(', ') : String(value),
  }));
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { organization_id: id, roles }: { organization_id?: unknown; roles?: unknown } = value;
  return Array.isArray(roles) ? roles.map((role) => `${String(id)}:${String(role)}`).join(', ') : String(id);
}

/** What the server takes; lines with nothing in them are left out. */
export function conditionsOf(rows: readonly ConditionRow[], others: Conditions): Conditions {
  const conditions = new Map<string, Record<string, unknown>>();
  for (const { name, word, text } of rows) {
    const values = text.split(/[,\s]+/).filter((value) => value !== '');
    if (values.length === 0) continue;
    const asked = conditions.get(name) ?? {};
    asked[word] = valueOf(name, word, values);
    conditions.set(name, asked);
  }
  return { ...others, ...Object.fromEntries(conditions) };
}

function valueOf(name: string, word: string, values: readonly string[]): unknown {
  const [first = ''] = values;
  if (name === 'membership') return values.map(placeOf);
  if (word === 'any_of' || word === 'none_of') return values;
  return name === 'sign_in_age' ? Number(first) : first;
}

function placeOf(text: string): object {
  const [id, role] = text.split(':', 2);
  return { organization_id: id, ...(role !== undefined && { roles: [role] }) };
}

/** In a line, for lists. */
export function conditionsText(conditions: Conditions): string {
  const names = Object.keys(conditions).map(
    (name) => CONDITION_KINDS.find((kind) => kind.name === name)?.text ?? name,
  );
  return names.length === 0 ? 'always' : names.join(', ');
}
