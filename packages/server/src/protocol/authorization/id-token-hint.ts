/**
 * The `id_token_hint`: which person the app believes is there. It is read when the request arrives, so that not the
 * token but the person alone travels through the pages.
 * @spec OpenID Connect Core §3.1.2.1
 */
import { verifyJwt } from '@tessera/tokens';
import { ANSWER_SIGNING_ALGS } from '../client-metadata/signed-answers.ts';
import type { KeyRing } from '../key-ring.ts';

/** Nobody is known by it. */
const NOBODY = 'unknown';

/**
 * The subject that a hint names; a hint that is not our ID token names nobody who could sign in. Its expiry does not
 * matter (Core §3.1.2.1).
 * @param hint undefined: nobody in particular
 */
export function hintedSubject(
  hint: string | undefined,
  issuer: string,
  keyRing: Pick<KeyRing, 'verificationKey'>,
): string | undefined {
  if (hint === undefined) return undefined;
  try {
    const { payload } = verifyJwt(hint, {
      findKey: (kid) => (kid === undefined ? undefined : keyRing.verificationKey(kid)),
      typ: ['JWT'],
      algs: [...ANSWER_SIGNING_ALGS],
    });
    return payload['iss'] === issuer && typeof payload['sub'] === 'string' ? payload['sub'] : NOBODY;
  } catch {
    return NOBODY;
  }
}
