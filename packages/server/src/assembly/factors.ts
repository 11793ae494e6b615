import { deriveKeys } from '@tessera/tokens';
import type { FactorPorts } from '../people/factor-ports.ts';
import { relyingParty } from '../people/relying-party.ts';
import type { Foundation } from './foundation.ts';

/** What the rules of second factors need. */
export function factorPorts({ parts, sightings, attemptLimits, random, mail }: Foundation): FactorPorts {
  const { store, issuer, masterKey, config } = parts;
  return {
    ...store,
    sessions: sightings.sessions,
    attemptLimits,
    random,
    sealingKey: deriveKeys(masterKey, 'second-factors'),
    relyingParty: relyingParty(issuer),
    sealMail: mail.sealMail,
    required: config.second_factor === 'required',
  };
}
