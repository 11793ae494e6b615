/**
 * What a person does about a device: enters its code, looks at what it asks, allows or denies it. The session that
 * entered the code owns it; nobody else can decide, not even somebody who knows the code.
 * @spec RFC 8628 §3.3, §5.1 and §5.4
 */
import type { Random } from '@tessera/tokens';
import { type Client, DEVICE_CODE_GRANT } from '../../domain/client.ts';
import type { DeviceAuthorization, DeviceDenial } from '../../domain/device-authorization.ts';
import type { Grant } from '../../domain/grant.ts';
import type { Session } from '../../domain/session.ts';
import type { AttemptLimits } from '../../limits/attempt-limits.ts';
import { countedAddress } from '../../limits/counted-address.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Connections } from '../../ports/connections.ts';
import type { DeviceAuthorizations } from '../../ports/device-authorizations.ts';
import { auditEvent } from '../audit-event.ts';
import type { RequestContext } from '../request-context.ts';
import { normalizeUserCode, type UserCodes } from '../user-code.ts';

export interface DeviceDecisionDependencies {
  readonly clients: Clients;
  readonly deviceAuthorizations: DeviceAuthorizations;
  readonly connections: Pick<Connections, 'isBlocked'>;
  readonly agents: Pick<Agents, 'actingWith'>;
  readonly attemptLimits: Pick<AttemptLimits, 'take' | 'wait' | 'record'>;
  readonly userCodes: UserCodes;
  readonly random: Random;
}

/** A device that this session may decide about. */
export interface AskingDevice {
  readonly device: DeviceAuthorization;
  readonly client: Client;
  /** In its normal form. */
  readonly userCode: string;
}

export type CodeEntry =
  | ({ readonly outcome: 'found' } & AskingDevice)
  /** Unknown, expired, decided, or another session's: one answer for all. */
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'too_many'; readonly retryAfterSeconds: number };

/** The clocks of two nodes may differ so much. */
const CLOCK_SKEW_MS = 5000;

/** Claims the device behind a code for the session, if nobody else has. @param typed as the person typed it */
export async function enterUserCode(
  typed: string,
  session: Session,
  context: RequestContext,
  dependencies: DeviceDecisionDependencies,
): Promise<CodeEntry> {
  const { attemptLimits, userCodes, deviceAuthorizations } = dependencies;
  const userCode = normalizeUserCode(typed);
  const userCodeHash = userCodes.hash(userCode ?? '');
  const fromHere = { user_codes_per_address: [countedAddress(context.address)] };
  const tries = {
    user_codes_per_account: [session.userId],
    ...(userCode === undefined
      ? {}
      : { tries_per_user_code: [Buffer.from(userCodeHash).toString('base64url')] }),
  };
  // Counted before anything is looked up, so that tries side by side see each other.
  const retryAfterSeconds =
    (await attemptLimits.wait(fromHere, context.at)) ?? (await attemptLimits.take(tries, context.at));
  if (retryAfterSeconds !== undefined) return { outcome: 'too_many', retryAfterSeconds };
  const claim = { userCodeHash, sessionId: session.id, at: context.at };
  const claimed = userCode !== undefined && (await deviceAuthorizations.claim(claim));
  const found = claimed ? await findAsking(userCode, session, context.at, dependencies) : undefined;
  if (found !== undefined) return { outcome: 'found', ...found };
  await attemptLimits.record(fromHere, context.at);
  return { outcome: 'unknown' };
}

/** The device that this session has claimed and not decided about yet. */
export async function findAsking(
  typed: string,
  session: Session,
  at: number,
  { clients, userCodes, deviceAuthorizations, connections }: DeviceDecisionDependencies,
): Promise<AskingDevice | undefined> {
  const userCode = normalizeUserCode(typed);
  if (userCode === undefined) return undefined;
  const device = await deviceAuthorizations.findByUserCode(userCodes.hash(userCode));
  if (device === undefined || device.sessionId !== session.id || at >= device.expiresAt) return undefined;
  if (device.grantId !== undefined || device.deniedAt !== undefined) return undefined;
  const client = await clients.find(device.clientId);
  const mayAsk =
    client?.status === 'active' &&
    client.grantTypes.includes(DEVICE_CODE_GRANT) &&
    client.createdAt <= device.createdAt + CLOCK_SKEW_MS &&
    // An agent acts for its owner alone.
    (client.agent?.ownerId ?? session.userId) === session.userId;
  if (!mayAsk || (await connections.isBlocked(session.userId, client.id))) return undefined;
  return { device, client, userCode };
}

/**
 * Lets the device in. False if somebody was faster or the time is up. Not remembered: each device is asked about. The
 * grant belongs to no session: the device stays connected when this browser signs out.
 * @param scopes what the person left of those that the device asked for
 */
export async function allowDevice(
  { device, client }: AskingDevice,
  scopes: readonly string[],
  session: Session,
  context: RequestContext,
  { deviceAuthorizations, agents, random }: DeviceDecisionDependencies,
): Promise<boolean> {
  const [mayAct] = await agents.actingWith(session.userId, client.id);
  const grant: Grant = {
    id: `grt_${Buffer.from(random(16)).toString('base64url')}`,
    userId: session.userId,
    clientId: client.id,
    organizationId: client.organizationId,
    scopes,
    authTime: session.authTime,
    amr: session.amr,
    createdAt: context.at,
    ...(device.resourceId === undefined ? {} : { resourceId: device.resourceId }),
    ...(mayAct === undefined ? {} : { mayAct }),
  };
  return deviceAuthorizations.approve({
    ...decision('consent.granted', device, session, context, random, { grantId: grant.id }),
    grant,
  });
}

/** Turns the device away. False if somebody was faster or the time is up. @param because absent: the person said so */
export async function denyDevice(
  { device }: AskingDevice,
  session: Session,
  context: RequestContext,
  { deviceAuthorizations, random }: DeviceDecisionDependencies,
  because?: DeviceDenial,
): Promise<boolean> {
  return deviceAuthorizations.deny({
    ...decision('consent.denied', device, session, context, random, { because }),
    ...(because === undefined ? {} : { because }),
  });
}

/** Lets go of a device that this session has claimed: the person signs in better first, by another session. */
export async function releaseDevice(
  { device: { userCodeHash } }: AskingDevice,
  { id: sessionId }: Session,
  at: number,
  { deviceAuthorizations }: Pick<DeviceDecisionDependencies, 'deviceAuthorizations'>,
): Promise<void> {
  await deviceAuthorizations.release({ userCodeHash, sessionId, at });
}

function decision(
  type: 'consent.granted' | 'consent.denied',
  device: DeviceAuthorization,
  session: Session,
  context: RequestContext,
  random: Random,
  { grantId, because }: { readonly grantId?: string; readonly because?: DeviceDenial | undefined },
): Parameters<DeviceAuthorizations['deny']>[0] {
  const audit = auditEvent(
    context,
    {
      type,
      outcome: 'success',
      actor: session.userId,
      userId: session.userId,
      clientId: device.clientId,
      ...(device.resourceId === undefined ? {} : { resourceId: device.resourceId }),
      ...(grantId === undefined ? {} : { grantId }),
      ...(because === undefined ? {} : { detail: { refused_by: because } }),
      personal: { device_address: device.address },
    },
    random,
  );
  return { userCodeHash: device.userCodeHash, sessionId: session.id, at: context.at, audit };
}
