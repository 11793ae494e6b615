/** COSE messages with one signer or one shared key. @spec RFC 9052, RFC 9053 */
export { CoseError, coseErrorDescriptions } from './cose-error.ts';
export type { CoseErrorCode } from './cose-error.ts';
export { coseAlgNumbers } from './algorithm.ts';
export type { CoseAlg } from './algorithm.ts';
export { coseKeyOf, createMacKey, importCoseKey, importJwkForCose, kidBytes } from './key.ts';
export type { CoseKey } from './key.ts';
export { coseHeaders, decodeCose } from './message.ts';
export type { CoseMessage } from './message.ts';
export { toBeSigned } from './to-be-signed.ts';
export { verifyCose } from './verify.ts';
export type { CoseExpectations } from './verify.ts';
export { createCoseSigner } from './sign.ts';
export type { CoseSigner, CoseSignerOptions } from './sign.ts';
