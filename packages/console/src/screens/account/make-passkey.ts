/** A passkey, made by the browser for this server. @spec WebAuthn Level 3 §5.1.3 */
import type { PasskeyEnrolment } from '../../api/described.ts';

/** The browser made none; nothing was sent. */
export class NoPasskey extends Error {
  override readonly name = 'NoPasskey';
}

/** Whether this browser makes passkeys for this page, and reads what the server says about them. */
export function makesPasskeys(): boolean {
  return 'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential;
}

/**
 * @param options of the server, as JSON
 * @returns the credential, as JSON
 * @throws NoPasskey
 */
export async function makePasskey(
  options: PasskeyEnrolment['public_key'],
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
      options as unknown as PublicKeyCredentialCreationOptionsJSON,
    );
    const made = await navigator.credentials.create({ publicKey });
    if (made instanceof PublicKeyCredential) return { ...(made.toJSON() as object) };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'InvalidStateError') {
      throw new NoPasskey('This device has a passkey of yours already; it is in the list.');
    }
  }
  throw new NoPasskey('No passkey was made: it was cancelled, or took too long. Nothing has changed.');
}
