// What must stay secret: it is collected where it is handed out, and looked for where it must not be.
import { readFileSync } from 'node:fs';
import { tokenStringPattern } from '@tessera/tokens';
import { Client } from 'pg';

/** Secrets by what they are. */
export type Secrets = Map<string, string>;

/** In whatever is told to somebody: token strings, JWTs, one-time seeds, cookies and codes. */
const HANDED_OUT: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a token string', new RegExp(tokenStringPattern, 'g')],
  ['a JWT', /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/g],
  ['a seed', /(?<=class="seed">)[A-Z2-7 ]{16,}/g],
  ['a recovery code', /(?<=<li><code>)[0-9a-zA-Z-]{8,}(?=<\/code>)/g],
];
/** Public by its purpose: an app ships it. */
const IS_PUBLIC = /^tsr_ct_/;

/**
 * Collects every secret that is handed out by HTTP from now on.
 * @returns what puts `fetch` back
 */
export function collectFromFetch(secrets: Secrets): () => void {
  const { fetch } = globalThis;
  globalThis.fetch = async (...request) => {
    const response = await fetch(...request);
    const cookies = response.headers.getSetCookie().map((each) => each.split(';', 1)[0] ?? '');
    for (const cookie of cookies) keep(secrets, 'a cookie', cookie.slice(cookie.indexOf('=') + 1));
    const { location } = Object.fromEntries(response.headers);
    const text = await response.clone().text();
    collectFromText(secrets, `${location ?? ''} ${text}`);
    return response;
  };
  return () => {
    globalThis.fetch = fetch;
  };
}

/** Collects what a mail or an answer hands out. */
export function collectFromText(secrets: Secrets, text: string): void {
  for (const [what, pattern] of HANDED_OUT) {
    for (const [value] of text.matchAll(pattern))
      if (!IS_PUBLIC.test(value)) keep(secrets, what, value.replaceAll(' ', ''));
  }
}

function keep(secrets: Secrets, what: string, value: string): void {
  if (value.length >= 8 && ![...secrets.values()].includes(value)) {
    secrets.set(`${what} ${secrets.size}`, value);
  }
}

/** So many characters of a secret tell whether to look closer; none is shorter. */
const BEGINNING = 8;

/** What of them stands in a text, in whatever spelling. Reads the text once, however many there are. */
export function foundIn(text: string, secrets: ReadonlyMap<string, string>): readonly string[] {
  const byBeginning = new Map<string, (readonly [what: string, form: string])[]>();
  for (const [what, value] of secrets) {
    for (const form of spellingsOf(value)) {
      const beginning = form.slice(0, BEGINNING);
      const same = byBeginning.get(beginning);
      if (same === undefined) byBeginning.set(beginning, [[what, form]]);
      else same.push([what, form]);
    }
  }
  const found = new Set<string>();
  for (let at = 0; at + BEGINNING <= text.length; at += 1) {
    const forms = byBeginning.get(text.slice(at, at + BEGINNING));
    for (const [what, form] of forms ?? []) if (text.startsWith(form, at)) found.add(what);
  }
  return [...found];
}

/** A secret as it is, and as it may have been written into something else. */
function spellingsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  return [value, encodeURIComponent(value), base64, bytes.toString('base64url'), hex, hex.toUpperCase()];
}

/** Everything that a database holds, as text. */
export async function contentOf(url: string): Promise<string> {
  return url.startsWith('sqlite:') ? sqliteContent(url) : await postgresContent(url);
}

function sqliteContent(url: string): string {
  const file = url.replace(/^sqlite:/, '');
  return [file, `${file}-wal`].map((path) => readFileSync(path, 'latin1')).join('\n');
}

async function postgresContent(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    const rows: string[] = [];
    for (const { name } of tables.rows) {
      // oxlint-disable-next-line no-await-in-loop -- table after table
      const { rows: found } = await client.query<{ row: string }>(
        `SELECT row_to_json(t)::text AS row FROM ${name} t`,
      );
      rows.push(...found.map(({ row }) => row));
    }
    return rows.join('\n');
  } finally {
    await client.end();
  }
}
