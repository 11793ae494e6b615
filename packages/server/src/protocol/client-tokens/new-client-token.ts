/** A new client token: the string, and what is kept of it. The string is kept too, sealed: it is no secret. */
import {
  createTokenString,
  hashTokenString,
  open,
  type Random,
  seal,
  type SealingKey,
} from '@tessera/tokens';
import type { ClientToken } from '../../domain/client-token.ts';

const HINT_LENGTH = 4;

export interface NewClientToken {
  readonly value: string;
  readonly kept: ClientToken;
}

/** @param at milliseconds @param sealingKey 32 bytes */
export function newClientToken(
  clientId: string,
  at: number,
  sealingKey: SealingKey,
  random: Random,
): NewClientToken {
  const value = createTokenString('ct', random);
  return {
    value,
    kept: {
      id: hashTokenString(value),
      clientId,
      sealed: seal(sealingKey, Buffer.from(value, 'latin1'), clientTokenContext(clientId), random),
      hint: value.slice(-HINT_LENGTH),
      createdAt: at,
    },
  };
}

/** @returns undefined where it was sealed with another key */
export function openClientToken(
  { clientId, sealed }: ClientToken,
  sealingKey: SealingKey,
): string | undefined {
  const opened = open(sealingKey, sealed, clientTokenContext(clientId));
  return opened === undefined ? undefined : Buffer.from(opened).toString('latin1');
}

/** A box that is put down at another client does not open. */
export function clientTokenContext(clientId: string): string {
  return `client-token:${clientId}`;
}
