/**
 * What a reported string stands for, by its kind. Only kinds in the table are taken: a client token is public, and a
 * code is over before anybody could report it.
 */
import { hashTokenString, parseTokenString, tokenKindName, type TokenKind } from '@tessera/tokens';
import type { LeakedTokens } from '../../ports/leaked-tokens.ts';
import { personalTokenStatus } from '../../domain/personal-access-token.ts';
import type { PersonalAccessTokens } from '../../ports/personal-access-tokens.ts';
import type { TokenFinder } from '../find-token.ts';
import type { FoundLeak, LeakFinder } from './found-leak.ts';

export interface LeakFinderDependencies {
  readonly findToken: TokenFinder;
  readonly leakedTokens: LeakedTokens;
  readonly personalAccessTokens: Pick<PersonalAccessTokens, 'revoke'>;
}

/** Adding a kind is a line here, and `reportable` in its published pattern. */
const FINDERS: Readonly<Partial<Record<TokenKind, (dependencies: LeakFinderDependencies) => LeakFinder>>> = {
  at: findAccessToken,
  rt: findRefreshToken,
  cs: findClientSecret,
  rat: findRegistrationToken,
  pat: findPersonalToken,
};

export function createLeakFinder(dependencies: LeakFinderDependencies): LeakFinder {
  const byKind = new Map(
    Object.entries(FINDERS).map(([kind, create]) => [kind, create(dependencies)] as const),
  );
  // A JWT, CWT or CAT does not say in its first letters what it is.
  const signed = findAccessToken(dependencies);
  return async (token, at) => {
    const kind = parseTokenString(token)?.kind;
    if (kind !== undefined) return byKind.get(kind)?.(token, at);
    return token.startsWith('tsr_') ? undefined : signed(token, at);
  };
}

function findAccessToken({ findToken, leakedTokens }: LeakFinderDependencies): LeakFinder {
  return async (token, at) => {
    const found = await findToken(token);
    if (found?.kind !== 'access_token') return undefined;
    const { row, endedAt } = found.state;
    if (endedAt !== undefined || at >= row.expiresAt) return undefined;
    return {
      what: tokenKindName('at'),
      id: idOf(row.id),
      clientId: row.clientId,
      ...(row.userId === undefined ? {} : { userId: row.userId }),
      ...(row.grantId === undefined ? {} : { grantId: row.grantId }),
      ...(row.actor === undefined ? {} : { act: row.actor }),
      end: (end) => leakedTokens.endAccessToken(row.id, end),
    };
  };
}

function findRefreshToken({ findToken, leakedTokens }: LeakFinderDependencies): LeakFinder {
  return async (token, at) => {
    const found = await findToken(token);
    if (found?.kind !== 'refresh_token') return undefined;
    const { token: leaf, family, grant } = found.state;
    const hasEnded = grant.endedAt !== undefined || family.endedAt !== undefined;
    if (hasEnded || leaf.rotatedAt !== undefined || at >= leaf.expiresAt) return undefined;
    return {
      what: tokenKindName('rt'),
      id: idOf(leaf.hash),
      clientId: family.clientId,
      userId: grant.userId,
      grantId: grant.id,
      end: (end) => leakedTokens.endGrant(grant.id, end),
    };
  };
}

function findPersonalToken({ findToken, personalAccessTokens }: LeakFinderDependencies): LeakFinder {
  return async (token, at) => {
    const found = await findToken(token);
    if (found?.kind !== 'personal_access_token') return undefined;
    const { token: kept } = found.state;
    const status = personalTokenStatus(kept, at);
    if (status === 'revoked' || status === 'expired') return undefined;
    return {
      what: tokenKindName('pat'),
      id: kept.id,
      userId: kept.userId,
      end: ({ at: endedAt, audit, mails }) =>
        personalAccessTokens.revoke(kept.id, endedAt, 'leaked', audit, mails),
    };
  };
}

function findClientSecret({ leakedTokens }: LeakFinderDependencies): LeakFinder {
  return async (token) => {
    const hash = hashTokenString(token);
    const found = await leakedTokens.findSecret(hash);
    if (found === undefined) return undefined;
    return {
      what: tokenKindName('cs'),
      id: found.secretId,
      clientId: found.clientId,
      end: (end) => leakedTokens.endSecret(found, end),
    } satisfies FoundLeak;
  };
}

function findRegistrationToken({ leakedTokens }: LeakFinderDependencies): LeakFinder {
  return async (token) => {
    const hash = hashTokenString(token);
    const clientId = await leakedTokens.findRegistration(hash);
    if (clientId === undefined) return undefined;
    return {
      what: tokenKindName('rat'),
      id: idOf(hash),
      clientId,
      end: (end) => leakedTokens.endRegistration(clientId, hash, end),
    } satisfies FoundLeak;
  };
}

function idOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('base64url');
}
