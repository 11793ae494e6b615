/** The kinds of apps, in the words of people who make them, and what each is registered as (RFC 7591 §2). */
import type { Client, NewClient } from '../../api/described.ts';

export type KindId = 'web' | 'single-page' | 'native' | 'machine';

export interface AppKind {
  readonly id: KindId;
  readonly name: string;
  readonly hint: string;
  readonly metadata: Pick<NewClient, 'grant_types' | 'token_endpoint_auth_method' | 'application_type'>;
  /** An example, for those whose people sign in. */
  readonly redirectExample?: string;
}

const PERSON_GRANTS = ['authorization_code', 'refresh_token'] as const;

export const APP_KINDS: readonly AppKind[] = [
  {
    id: 'web',
    name: 'Web server',
    hint: 'People sign in; the server keeps a secret.',
    metadata: {
      application_type: 'web',
      grant_types: [...PERSON_GRANTS, 'client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    redirectExample: 'https://app.example.com/callback',
  },
  {
    id: 'single-page',
    name: 'Single-page app',
    hint: 'People sign in; everything runs in their browser, so there is no secret.',
    metadata: { application_type: 'web', grant_types: PERSON_GRANTS, token_endpoint_auth_method: 'none' },
    redirectExample: 'http://127.0.0.1:5173/callback',
  },
  {
    id: 'native',
    name: 'Native app or command line',
    hint: 'People sign in in their browser and come back to the app. No secret: whoever has the app could read it.',
    metadata: { application_type: 'native', grant_types: PERSON_GRANTS, token_endpoint_auth_method: 'none' },
    redirectExample: 'http://127.0.0.1/callback',
  },
  {
    id: 'machine',
    name: 'Machine',
    hint: 'No person: a job, a service, a device in a rack. It asks for tokens of its own.',
    metadata: {
      application_type: 'web',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  },
];

type Registered = Pick<
  Client,
  'application_type' | 'grant_types' | 'token_endpoint_auth_method' | 'redirect_uris'
>;

/** What an app looks like, however it was registered. */
export function kindOf(app: Registered): AppKind {
  return kindById(idOf(app));
}

function idOf({
  application_type: type,
  grant_types: grants,
  token_endpoint_auth_method: method,
}: Registered): KindId {
  if (type === 'native') return 'native';
  if (method === 'none') return 'single-page';
  return grants.includes('authorization_code') ? 'web' : 'machine';
}

export function kindById(id: KindId): AppKind {
  const kind = APP_KINDS.find((each) => each.id === id);
  if (kind === undefined) throw new Error(`No such kind of app: ${id}`);
  return kind;
}

/** Whether it has a secret that it shows at the token endpoint. */
export function hasSecrets({
  token_endpoint_auth_method: method,
}: Pick<Client, 'token_endpoint_auth_method'>): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post';
}

export function asksForItself({ grant_types: grants }: Pick<Client, 'grant_types'>): boolean {
  return grants.includes('client_credentials');
}
