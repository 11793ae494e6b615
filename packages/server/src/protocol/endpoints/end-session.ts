/**
 * An app asks to sign a person out: who asks, of which session, and where the person may be sent afterwards.
 * @spec OpenID Connect RP-Initiated Logout 1.0 §2 and §3
 */
import { ID_TOKEN_TYP, verifyJwt } from '@tessera/tokens';
import type { Client } from '../../domain/client.ts';
import type { Clients } from '../../ports/clients.ts';
import { ANSWER_SIGNING_ALGS } from '../client-metadata/signed-answers.ts';
import type { Form } from '../form.ts';
import type { KeyRing } from '../key-ring.ts';
import { OAuthError } from '../oauth-error.ts';
import { matchRedirectUri } from '../redirect-uri.ts';

export interface EndSessionDependencies {
  readonly issuer: string;
  readonly clients: Pick<Clients, 'find'>;
  readonly keyRing: KeyRing;
}

export interface EndSessionRequest {
  /** The app that asks; absent when nobody says so. */
  readonly client?: Client;
  /** The session that the app's ID token names. */
  readonly sid?: string;
  /** Where the person is to be sent: registered by the client, with its `state`. */
  readonly goOnTo?: string;
}

export type EndSessionRefusal = 'parameters' | 'hint' | 'client' | 'redirect_uri';

/** What an app may send; whatever else is there is passed over. */
export const END_SESSION_PARAMETERS = [
  'id_token_hint',
  'client_id',
  'post_logout_redirect_uri',
  'state',
] as const;

const LONGEST = 8192;

/** Anything wrong refuses the whole: a person is never sent on because of a request that is not sound. */
export async function readEndSessionRequest(
  form: Form,
  dependencies: EndSessionDependencies,
): Promise<EndSessionRequest | EndSessionRefusal> {
  const values = readValues(form);
  if (values === undefined) return 'parameters';
  const hint = values.id_token_hint === undefined ? undefined : readHint(values.id_token_hint, dependencies);
  if (hint === 'invalid') return 'hint';
  if (hint !== undefined && values.client_id !== undefined && hint.clientId !== values.client_id)
    return 'client';
  const clientId = hint?.clientId ?? values.client_id;
  const client = clientId === undefined ? undefined : await dependencies.clients.find(clientId);
  if (clientId !== undefined && client?.status !== 'active') return 'client';
  if (!isRegistered(values, client)) return 'redirect_uri';
  const goOnTo = placeToGo(values);
  return {
    ...(client === undefined ? {} : { client }),
    ...(hint?.sid === undefined ? {} : { sid: hint.sid }),
    ...(goOnTo === undefined ? {} : { goOnTo }),
  };
}

type Values = { readonly [Name in (typeof END_SESSION_PARAMETERS)[number]]?: string };

function readValues(form: Form): Values | undefined {
  try {
    const sent = END_SESSION_PARAMETERS.map((name) => [name, form.get(name)] as const);
    if (sent.some(([, value]) => value !== undefined && value.length > LONGEST)) return undefined;
    return Object.fromEntries(sent.filter(([, value]) => value !== undefined));
  } catch (error) {
    if (error instanceof OAuthError) return undefined;
    throw error;
  }
}

/** An ID token that this server signed, expired or not (§2: the session may have outlived it). */
function readHint(
  hint: string,
  { issuer, keyRing }: EndSessionDependencies,
): { readonly clientId: string; readonly sid?: string } | 'invalid' {
  try {
    const { payload } = verifyJwt(hint, {
      findKey: (kid) => (kid === undefined ? undefined : keyRing.verificationKey(kid)),
      typ: [ID_TOKEN_TYP],
      algs: [...ANSWER_SIGNING_ALGS],
    });
    const { iss, aud, sid } = payload;
    if (iss !== issuer || typeof aud !== 'string') return 'invalid';
    return { clientId: aud, ...(typeof sid === 'string' ? { sid } : {}) };
  } catch {
    return 'invalid';
  }
}

/** Compared with what the client registered; an app that does not say who it is has registered nothing. */
function isRegistered({ post_logout_redirect_uri: uri }: Values, client: Client | undefined): boolean {
  const registered = client?.metadata.post_logout_redirect_uris ?? [];
  return uri === undefined || registered.some((each) => matchRedirectUri(each, uri));
}

function placeToGo({ post_logout_redirect_uri: uri, state }: Values): string | undefined {
  if (uri === undefined || state === undefined) return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state }).toString()}`;
}
