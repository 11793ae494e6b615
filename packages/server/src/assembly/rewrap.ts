/** Seals anew, under another master key, whatever is sealed in the database; the server may run meanwhile. */
import { deriveKey, open, type Random, seal } from '@tessera/tokens';
import { mailContext } from '../mail/sealed-mail.ts';
import { seedContext } from '../people/seed-box.ts';
import { clientTokenContext } from '../protocol/client-tokens/new-client-token.ts';
import { providerSecretContext, upstreamTokensContext } from '../protocol/upstream/sealed-provider.ts';
import {
  type Beside,
  BOXED_TABLES,
  type Boxed,
  type BoxedTable,
  type BoxedTableName,
  boxesOf,
  replaceBox,
} from '../store/sealed/boxes.ts';

export interface RewrapOptions {
  readonly beside: Beside;
  /** 32 bytes each. */
  readonly oldKey: Uint8Array;
  readonly newKey: Uint8Array;
  readonly random: Random;
}

export interface Rewrapped {
  /** Sealed anew now. */
  readonly sealed: number;
  /** Sealed with the new key before. */
  readonly before: number;
  /** What neither key opens: `table key`. */
  readonly unreadable: readonly string[];
}

/** How boxes of a table are sealed: for what purpose the key is derived, and what they are bound to. */
interface Sealing {
  readonly purpose: string;
  context(text: (column: string) => string): string;
}

const SEALINGS: Readonly<Record<BoxedTableName, Sealing>> = {
  signing_keys: { purpose: 'signing-keys', context: (text) => text('kid') },
  sealed_secrets: { purpose: 'sealed-secrets', context: (text) => text('name') },
  identity_providers: { purpose: 'upstream-tokens', context: (text) => providerSecretContext(text('id')) },
  upstream_identities: {
    purpose: 'upstream-tokens',
    context: (text) => upstreamTokensContext({ providerId: text('provider_id'), subject: text('subject') }),
  },
  authenticator_apps: {
    purpose: 'second-factors',
    context: (text) => seedContext({ id: text('id'), userId: text('user_id') }),
  },
  client_tokens: { purpose: 'sealed-secrets', context: (text) => clientTokenContext(text('client_id')) },
  outbox: { purpose: 'mail', context: (text) => mailContext({ id: text('id'), purpose: text('purpose') }) },
};

/**
 * Once through all of it; done again it goes on where it stopped. When a pass finds nothing to seal anew, and every server
 * seals with the new key, nothing is left that the old key opens.
 */
export async function rewrap(options: RewrapOptions): Promise<Rewrapped> {
  const total = { sealed: 0, before: 0, unreadable: [] as string[] };
  for (const boxed of BOXED_TABLES) {
    const sealing = SEALINGS[boxed.table];
    const { purpose } = sealing;
    const keys = {
      old: deriveKey(options.oldKey, purpose),
      new: deriveKey(options.newKey, purpose),
    };
    for await (const page of boxesOf(options.beside, boxed)) {
      for (const box of page) {
        const text = sealing.context((column) => String(box.row[column]));
        // oxlint-disable-next-line no-await-in-loop -- one small write at a time, so that nobody waits long
        const outcome = await sealAnew(boxed, box, text, keys, options);
        if (outcome === 'unreadable') total.unreadable.push(`${boxed.table} ${nameOf(boxed, box)}`);
        else total[outcome] += 1;
      }
    }
  }
  return total;
}

async function sealAnew(
  boxed: BoxedTable,
  box: Boxed,
  context: string,
  keys: { readonly old: Uint8Array; readonly new: Uint8Array },
  { beside, random }: RewrapOptions,
): Promise<'sealed' | 'before' | 'unreadable'> {
  if (open(keys.new, box.sealed, context) !== undefined) return 'before';
  const opened = open(keys.old, box.sealed, context);
  if (opened === undefined) return 'unreadable';
  await replaceBox(beside, boxed, box, seal(keys.new, opened, context, random));
  return 'sealed';
}

function nameOf({ key }: BoxedTable, { row }: Boxed): string {
  return key
    .map((column) => {
      const value = row[column];
      return value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : String(value);
    })
    .join(' ');
}
