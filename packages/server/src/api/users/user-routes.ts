/** `/admin/v1/users`: the people who have an account. */
import type { Random } from '@tessera/tokens';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from '../../schema/type.ts';
import { normalizeEmail, type User, USER_ID_PREFIX } from '../../domain/user.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MailLinks } from '../../ports/mail-links.ts';
import type { SealMail } from '../../ports/outbox.ts';
import type { Users } from '../../ports/users.ts';
import { isMailAddress } from '../../domain/mail-message.ts';
import { sendPasswordLink } from '../../people/recovery.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { type Api, caller } from '../api.ts';
import { IdParameter, newIdentifier } from '../identifier.ts';
import { MAIL_SENT, MailSent } from '../mail-sent.ts';
import { changeTime, type OneAtATime, requireWritten } from '../one-at-a-time.ts';
import { operation } from '../operation.ts';
import { pageRequest, PagingQuery, toPage } from '../paging.ts';
import { Problem } from '../problem.ts';
import {
  Claims,
  DisplayName,
  Email,
  Password,
  Role,
  toUserWire,
  UserPage,
  UserSchema,
  UserStatus,
} from './user-wire.ts';

export interface UserRouteDependencies {
  readonly users: Users;
  readonly clock: Clock;
  readonly random: Random;
  readonly hashPassword: (password: string) => Promise<string>;
  readonly issuer: string;
  readonly mailLinks: Pick<MailLinks, 'create'>;
  /** Absent where no mail is ever delivered. */
  readonly sealMail: SealMail | undefined;
  readonly oneAtATime: OneAtATime;
}

const NewUser = Type.Object(
  {
    email: Email,
    display_name: DisplayName,
    password: Type.Optional(Password),
    email_verified: Type.Optional(Type.Boolean({ default: false })),
    send_link: Type.Optional(
      Type.Boolean({
        description:
          'Without a password: whether a link to choose one is mailed. Default: true where this server sends mail',
      }),
    ),
    role: Type.Optional(Role),
    claims: Type.Optional(Claims),
  },
  { additionalProperties: false, title: 'NewUser' },
);

const UserChanges = Type.Object(
  {
    email: Type.Optional(Email),
    display_name: Type.Optional(DisplayName),
    password: Type.Optional(Password),
    email_verified: Type.Optional(Type.Boolean()),
    role: Type.Optional(Role),
    status: Type.Optional(UserStatus),
    claims: Type.Optional(Claims),
  },
  { additionalProperties: false, title: 'UserChanges' },
);

export function registerUserRoutes(api: Api, dependencies: UserRouteDependencies): void {
  registerReading(api, dependencies);
  registerCreation(api, dependencies);
  registerPasswordLink(api, dependencies);
  registerChange(api, dependencies);
  registerDeletion(api, dependencies);
}

function registerReading(api: Api, { users }: UserRouteDependencies): void {
  const list = operation({
    operationId: 'listUsers',
    summary: 'List people',
    tag: 'users',
    answers: { 200: { description: 'A page of people, newest first', schema: UserPage } },
    problems: ['invalid_cursor'],
  });
  api.get('/users', { schema: { ...list, querystring: PagingQuery } }, async (request) =>
    toPage(await users.list(pageRequest(request.query)), toUserWire),
  );

  const get = operation({
    operationId: 'getUser',
    summary: 'Show a person',
    tag: 'users',
    answers: { 200: { description: 'The person', schema: UserSchema } },
    problems: ['not_found'],
  });
  api.get('/users/:id', { schema: { ...get, params: IdParameter } }, async (request) =>
    toUserWire(await existing(users, request.params.id)),
  );
}

async function existing(users: Users, id: string): Promise<User> {
  const user = await users.find(id);
  if (user === undefined) throw new Problem('not_found', 'No user has this id');
  return user;
}

function registerCreation(api: Api, dependencies: UserRouteDependencies): void {
  const { users, clock, random, hashPassword } = dependencies;
  const create = operation({
    operationId: 'createUser',
    summary: 'Create a person',
    description:
      'Makes the account and its personal organization. Without a password a link to choose one is mailed, good for 15 minutes; later ones the person gets at /recover.',
    tag: 'users',
    answers: { 201: { description: 'The new person', schema: UserSchema } },
    problems: ['already_exists', 'no_mail'],
  });
  api.post('/users', { schema: { ...create, body: NewUser } }, async (request, reply) => {
    const { email, display_name, password, email_verified, role, claims } = request.body;
    const isSent = isLinkSent(request.body, dependencies);
    const passwordHash = password === undefined ? undefined : await hashPassword(password);
    const context = requestContext(request, clock);
    const { at } = context;
    const id = newIdentifier('usr', random);
    if (!id.startsWith(USER_ID_PREFIX)) throw new Error('A user id must have the prefix of user ids');
    const user: User = {
      id,
      email: normalizeEmail(email),
      emailVerified: email_verified ?? false,
      displayName: display_name.trim(),
      role: role ?? 'member',
      status: 'active',
      organizationId: newIdentifier('org', random),
      claims: claims ?? {},
      ...(passwordHash !== undefined && { passwordHash }),
      createdAt: at,
      updatedAt: at,
    };
    const event = {
      type: 'user.created',
      outcome: 'success',
      actor: caller(request).id,
      userId: id,
    } as const;
    await users.create(user, auditEvent(context, event, random));
    if (isSent) await sendLink(user, request, dependencies);
    return reply
      .code(201)
      .header('location', `${request.url.split('?', 1)[0]}/${id}`)
      .send(toUserWire(user));
  });
}

/** @throws Problem no_mail where a link is asked for that cannot be sent */
function isLinkSent(
  { email, password, send_link: asked }: Static<typeof NewUser>,
  { sealMail }: UserRouteDependencies,
): boolean {
  const isPossible = sealMail !== undefined && isMailAddress(normalizeEmail(email));
  if (asked === true && !isPossible) throw new Problem('no_mail', 'No mail can be sent to this address here');
  return password === undefined && isPossible && asked !== false;
}

/** @throws Problem no_mail */
async function sendLink(
  user: User,
  request: FastifyRequest,
  { issuer, mailLinks, sealMail, clock, random }: UserRouteDependencies,
): Promise<void> {
  if (sealMail === undefined || !isMailAddress(user.email)) {
    throw new Problem('no_mail', 'No mail can be sent to this address here');
  }
  const { at, address, requestId } = requestContext(request, clock);
  const occasion = { at, address, requestId, actor: caller(request).id };
  await sendPasswordLink(user, occasion, { issuer, mailLinks, sealMail, random });
}

function registerPasswordLink(api: Api, dependencies: UserRouteDependencies): void {
  const { users } = dependencies;
  const send = operation({
    operationId: 'sendPasswordLink',
    summary: 'Send a person a link to choose a password',
    description: 'Good once, for 15 minutes. Until it is used nothing changes.',
    tag: 'users',
    answers: { 202: { description: 'A mail is on its way', schema: MailSent } },
    problems: ['not_found', 'no_mail'],
  });
  api.post(
    '/users/:id/password-link',
    { schema: { ...send, params: IdParameter } },
    async (request, reply) => {
      await sendLink(await existing(users, request.params.id), request, dependencies);
      return reply.code(202).send(MAIL_SENT);
    },
  );
}

function registerChange(api: Api, dependencies: UserRouteDependencies): void {
  const { users, clock, random, hashPassword, oneAtATime } = dependencies;
  const update = operation({
    operationId: 'updateUser',
    summary: 'Change a person',
    description:
      'Members that are given replace what was. Disabling, and a new password, end the sessions and tokens of the person.',
    tag: 'users',
    answers: { 200: { description: 'The person as they are now', schema: UserSchema } },
    problems: ['not_found', 'already_exists', 'last_admin'],
  });
  api.patch(
    '/users/:id',
    { schema: { ...update, params: IdParameter, body: UserChanges } },
    async (request) => {
      const { email, display_name, password, email_verified, role, status, claims } = request.body;
      const passwordHash = password === undefined ? undefined : await hashPassword(password);
      return oneAtATime(async () => {
        const before = await existing(users, request.params.id);
        const context = requestContext(request, clock);
        const after: User = {
          ...before,
          ...(email !== undefined && { email: normalizeEmail(email) }),
          ...(display_name !== undefined && { displayName: display_name.trim() }),
          emailVerified: email_verified ?? staysVerified(before, email),
          ...(role !== undefined && { role }),
          ...(status !== undefined && { status }),
          ...(claims !== undefined && { claims }),
          ...(passwordHash !== undefined && { passwordHash }),
          updatedAt: changeTime(context.at, before),
        };
        const event = {
          type: 'user.updated',
          outcome: 'success',
          actor: caller(request).id,
          userId: before.id,
          detail: { changed: Object.keys(request.body).toSorted().join(' ') },
        } as const;
        requireWritten(await users.update(after, auditEvent(context, event, random), before));
        return toUserWire(after);
      });
    },
  );
}

function registerDeletion(api: Api, { users, clock, random, oneAtATime }: UserRouteDependencies): void {
  const remove = operation({
    operationId: 'deleteUser',
    summary: 'Delete a person',
    description: 'Their sessions, consents and tokens go with them.',
    tag: 'users',
    answers: { 204: { description: 'Deleted', schema: null } },
    problems: ['not_found', 'last_admin'],
  });
  api.delete('/users/:id', { schema: { ...remove, params: IdParameter } }, (request, reply) =>
    oneAtATime(async () => {
      const user = await existing(users, request.params.id);
      const event = {
        type: 'user.deleted',
        outcome: 'success',
        actor: caller(request).id,
        userId: user.id,
      } as const;
      await users.delete(user.id, auditEvent(requestContext(request, clock), event, random));
      return reply.code(204).send(null);
    }),
  );
}

/** Nobody has shown yet that a new address is theirs. */
function staysVerified(before: User, email: string | undefined): boolean {
  return before.emailVerified && (email === undefined || normalizeEmail(email) === before.email);
}
