import type { FastifyReply, FastifyRequest } from 'fastify';
import { signInOptions } from '../../people/passkey-options.ts';
import { appLabel } from '../app-label.ts';
import { pageHeaders } from '../security-headers.ts';
import { type SignInError, type SignInNotice, signInPage } from '../sign-in-page.ts';
import { askForPasskey, type FactorDependencies } from './factor-dependencies.ts';
import { formActionOf, type OnTheWay, urlOf } from './on-the-way.ts';

/** Challenges of the sign-in page belong to no step: nothing has been shown yet. */
export const NO_STEP = 'sign-in';

export interface SignInShown {
  readonly email?: string;
  readonly error?: SignInError;
  readonly notice?: SignInNotice | undefined;
  readonly retryAfterSeconds?: number;
}

/** The sign-in page, the same for whoever it may be. */
export async function showSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: FactorDependencies & { readonly hint?: string | undefined },
  way: OnTheWay,
  { email, error, notice, retryAfterSeconds }: SignInShown = {},
): Promise<FastifyReply> {
  const { flow, doors, hint } = dependencies;
  const { waiting, interaction, next } = way;
  const all = await flow.identityProviders.list();
  const providers = all.filter(({ status }) => status === 'active');
  const asked = askForPasskey(signInOptions, NO_STEP, request, reply, dependencies);
  return reply.headers(pageHeaders({ ...formActionOf(way), script: asked !== undefined })).send(
    signInPage({
      action: '/login',
      interaction,
      onTheWay: next?.fields,
      formToken: flow.browser.formToken(flow.browser.ensureId(request, reply), undefined),
      email: email ?? waiting?.authorization.loginHint,
      clientName:
        waiting === undefined ? undefined : appLabel(waiting.client, waiting.authorization.redirectUri),
      passkey: asked && { ...asked, action: '/login/passkey' },
      providers: providers.map(({ id, name }) => ({ name, url: urlOf(`/login/with/${id}`, way) })),
      error,
      retryAfterSeconds,
      notice,
      signUp: doors.signUp ? signUpAddress(interaction) : undefined,
      recovery: doors.recovery ? '/recover' : undefined,
      hint,
    }),
  );
}

function signUpAddress(interaction: string | undefined): string {
  return interaction === undefined ? '/signup' : `/signup?interaction=${encodeURIComponent(interaction)}`;
}
