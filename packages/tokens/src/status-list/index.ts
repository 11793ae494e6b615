/** Token Status List: `@tessera/tokens/status-list`. */
export {
  createStatusList,
  STATUS_INVALID,
  STATUS_SUSPENDED,
  STATUS_VALID,
  StatusList,
} from './status-list.ts';
export type { StatusBits } from './status-list.ts';
export { StatusListError, statusListErrorDescriptions } from './status-list-error.ts';
export type { StatusListErrorCode } from './status-list-error.ts';
export { CWT_STATUS_CLAIM, cwtStatusClaim, readStatusReference, statusClaim } from './status-reference.ts';
export type { StatusReference } from './status-reference.ts';
export type { ReadStatusList, StatusListContent, StatusListExpectations } from './status-list-token.ts';
export {
  STATUS_LIST_JWT_MEDIA_TYPE,
  STATUS_LIST_JWT_TYP,
  statusListClaims,
  verifyStatusListJwt,
} from './status-list-jwt.ts';
export type { StatusListJwtVerification } from './status-list-jwt.ts';
