/**
 * By which of its names the server was called: its issuer, or the address at which it asks clients for certificates.
 * Clients sign it into DPoP proofs. Whatever a request claims, it is one of the two that the operator set.
 * @spec RFC 9449 §4.3 (`htu`), RFC 8705 §5
 */

/** Gives what stands in front of the path. @param origin scheme and host as the request names them */
export type CalledAddress = (origin: string | undefined) => string;

/** @param certificateAddress absent: there is no such address */
export function createCalledAddress(issuer: string, certificateAddress: string | undefined): CalledAddress {
  if (certificateAddress === undefined) return () => issuer;
  const { origin: atCertificates } = new URL(certificateAddress);
  return (origin) => (origin === atCertificates ? certificateAddress : issuer);
}
