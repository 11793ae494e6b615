/** `/mailbox`: the demo's mails. Never part of a server that others reach: its mails hold links that sign people in. */
import type { FastifyInstance } from 'fastify';
import { pageHeaders } from '../security-headers.ts';
import { mailboxPage, mailPage, noSuchMailPage, type ShownMail } from './mailbox-page.ts';

export interface MailboxOptions {
  readonly issuer: string;
  readonly mailbox: {
    list(): readonly ShownMail[];
    find(id: string): ShownMail | undefined;
  };
}

const FROM = 'Tessera';

export function registerMailbox(app: FastifyInstance, { issuer, mailbox }: MailboxOptions): void {
  app.get('/mailbox', async (_request, reply) =>
    reply.headers(pageHeaders()).send(mailboxPage(mailbox.list())),
  );
  app.get<{ Params: { id: string } }>('/mailbox/:id', async (request, reply) => {
    const mail = mailbox.find(request.params.id);
    if (mail === undefined) return reply.code(404).headers(pageHeaders()).send(noSuchMailPage());
    return reply.headers(pageHeaders()).send(mailPage(mail, FROM, issuer));
  });
}
