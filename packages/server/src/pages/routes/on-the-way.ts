/** Where a person wants to go once they are signed in: back to an app, to a page of ours, or nowhere in particular. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../../domain/session.ts';
import type { Form } from '../../protocol/form.ts';
import {
  continueAuthorization,
  type FlowDependencies,
  redirect,
  waitingRequest,
} from './authorization-flow.ts';
import { type NextPage, nextPage } from './next-page.ts';

export interface OnTheWay {
  /** The sealed request of an app. */
  readonly interaction: string | undefined;
  readonly waiting: Awaited<ReturnType<typeof waitingRequest>>;
  /** One of our own pages. */
  readonly next: NextPage | undefined;
}

/** @returns undefined when the request of an app is gone */
export async function findOnTheWay(
  form: Form,
  request: FastifyRequest,
  flow: FlowDependencies,
): Promise<OnTheWay | undefined> {
  const interaction = form.get('interaction');
  const waiting = await waitingRequest(interaction, request, flow);
  if (interaction !== undefined && waiting === undefined) return undefined;
  return { interaction, waiting, next: nextPage(form) };
}

/** What a form carries on. */
export function fieldsOf({ interaction, next }: OnTheWay): Readonly<Record<string, string | undefined>> {
  return { interaction, ...next?.fields };
}

/** One of our pages, with where the person is on the way to. */
export function urlOf(
  path: string,
  way: OnTheWay,
  more: Readonly<Record<string, string | undefined>> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...fieldsOf(way), ...more })) {
    if (value !== undefined) query.set(name, value);
  }
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/** On, for somebody who is signed in now. */
export async function goOn(
  { waiting, next }: OnTheWay,
  session: Session,
  request: FastifyRequest,
  reply: FastifyReply,
  flow: FlowDependencies,
): Promise<FastifyReply> {
  if (waiting === undefined) return redirect(reply, next?.url ?? '/login');
  return continueAuthorization(waiting.authorization, waiting.client, session, request, reply, flow);
}

/** What the policy of a page has to let its forms lead to. */
export function formActionOf({ waiting }: OnTheWay): { readonly formAction?: readonly string[] } {
  return waiting === undefined ? {} : { formAction: [waiting.authorization.redirectUri] };
}
