/** `/admin/v1/keys`: the keys that sign tokens, one after another for each algorithm. */
import type { Random, VerificationKey } from '@tessera/tokens';
import { Type } from '../../schema/type.ts';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { SigningAlg } from '../../domain/resource.ts';
import type { SigningKey } from '../../domain/signing-key.ts';
import type { Clock } from '../../ports/clock.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { type Api, caller } from '../api.ts';
import { Identifier } from '../identifier.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import { operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { KeyAlg, KeyList, KeySchema, toKeyWire } from './key-wire.ts';

/** What this API needs of the keys; the key ring has it. */
export interface KeyAdministration {
  /** Every key that has not retired, oldest first. */
  list(): Promise<readonly SigningKey[]>;
  rotate(
    alg: SigningAlg,
    options: { readonly immediately: boolean; readonly audit: AuditEvent },
  ): Promise<SigningKey>;
  /** Takes a key out of the published set at once. False if it had left before. */
  retire(kid: string, at: number, audit: AuditEvent): Promise<boolean>;
  /** Takes a key back for good; another signs at once. False if it had left before. */
  revoke(kid: string, at: number, audit: AuditEvent): Promise<boolean>;
  /** The published key of that name. */
  verificationKey(kid: string): VerificationKey | undefined;
}

export interface KeyRouteDependencies {
  readonly keys: KeyAdministration;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

const Rotation = Type.Object(
  {
    alg: KeyAlg,
    immediately: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Sign with it now, before every verifier can have fetched it: for a key that has leaked',
      }),
    ),
  },
  { additionalProperties: false, title: 'KeyRotation' },
);

export function registerKeyRoutes(api: Api, dependencies: KeyRouteDependencies): void {
  registerList(api, dependencies);
  registerRotation(api, dependencies);
  registerRetirement(api, dependencies);
  registerRevocation(api, dependencies);
}

function registerList(api: Api, { keys, clock }: KeyRouteDependencies): void {
  const list = operation({
    operationId: 'listKeys',
    summary: 'List signing keys',
    tag: 'keys',
    answers: { 200: { description: 'Every key that is published, oldest first', schema: KeyList } },
  });
  api.get('/keys', { schema: list }, async () => {
    const all = await keys.list();
    const now = clock();
    return { items: all.map((key) => toKeyWire(key, all, now)) };
  });
}

function registerRotation(api: Api, { keys, clock, random, oneAtATime }: KeyRouteDependencies): void {
  const rotate = operation({
    operationId: 'rotateKey',
    summary: 'Make a new signing key',
    description: 'It is published at once and signs some minutes later; its predecessor retires after that.',
    tag: 'keys',
    answers: { 201: { description: 'The new key', schema: KeySchema } },
  });
  api.post('/keys/rotate', { schema: { ...rotate, body: Rotation } }, (request, reply) =>
    oneAtATime(async () => {
      const { alg, immediately = false } = request.body;
      const event = {
        type: 'key.rotated',
        outcome: 'success',
        actor: caller(request).id,
        detail: { alg, immediately },
      } as const;
      const audit = auditEvent(requestContext(request, clock), event, random);
      const key = await keys.rotate(alg, { immediately, audit });
      return reply.code(201).send(toKeyWire(key, await keys.list(), clock()));
    }),
  );
}

function registerRetirement(api: Api, { keys, clock, random, oneAtATime }: KeyRouteDependencies): void {
  const retire = operation({
    operationId: 'retireKey',
    summary: 'Retire a signing key now',
    description:
      'What it signed is refused from now on. Another key of its algorithm must be signing already.',
    tag: 'keys',
    answers: { 204: { description: 'Retired', schema: null } },
    problems: ['not_found', 'key_in_use'],
  });
  const schema = { ...retire, params: Type.Object({ kid: Identifier }) };
  api.delete('/keys/:kid', { schema }, (request, reply) =>
    oneAtATime(async () => {
      const { kid } = request.params;
      const context = requestContext(request, clock);
      const { at } = context;
      requireSuccessor(await keys.list(), kid, at);
      const event = {
        type: 'key.retired',
        outcome: 'success',
        actor: caller(request).id,
        detail: { kid },
      } as const;
      const retired = await keys.retire(kid, at, auditEvent(context, event, random));
      if (!retired) throw new Problem('not_found', 'No key has this kid');
      return reply.code(204).send(null);
    }),
  );
}

function registerRevocation(api: Api, { keys, clock, random, oneAtATime }: KeyRouteDependencies): void {
  const revoke = operation({
    operationId: 'revokeKey',
    summary: 'Take a signing key back: it has leaked',
    description:
      'It leaves the published set at once, another of its algorithm signs at once, and every token that it signed is refused: here, and within a second by every verifier that listens to `/events`.',
    tag: 'keys',
    answers: { 200: { description: 'The key that signs from now on', schema: KeySchema } },
    problems: ['not_found'],
  });
  const schema = { ...revoke, params: Type.Object({ kid: Identifier }) };
  api.post('/keys/:kid/revoke', { schema }, (request, reply) =>
    oneAtATime(async () => {
      const { kid } = request.params;
      const context = requestContext(request, clock);
      const alg = (await keys.list()).find((key) => key.kid === kid)?.alg;
      const event = {
        type: 'key.revoked',
        outcome: 'success',
        actor: caller(request).id,
        detail: { kid, ...(alg !== undefined && { alg }) },
      } as const;
      const revoked = await keys.revoke(kid, context.at, auditEvent(context, event, random));
      if (!revoked) throw new Problem('not_found', 'No key has this kid');
      const all = await keys.list();
      const now = clock();
      const wires = all.filter((key) => key.alg === alg).map((key) => toKeyWire(key, all, now));
      const signing = wires.find((key) => key.state === 'active');
      if (signing === undefined) throw new Error(`no ${alg} key signs`);
      return reply.send(signing);
    }),
  );
}

/** Without the key, another of its algorithm must sign now and have no end of its own. */
function requireSuccessor(keys: readonly SigningKey[], kid: string, now: number): void {
  const key = keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new Problem('not_found', 'No key has this kid');
  const successor = keys.some(
    (other) =>
      other.kid !== kid && other.alg === key.alg && other.activeFrom <= now && other.retiresAt === undefined,
  );
  if (!successor) {
    throw new Problem(
      'key_in_use',
      `No other ${key.alg} key would be left to sign; rotate first, with immediately`,
    );
  }
}
