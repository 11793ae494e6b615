/** Every way in which a status list, or a reference to one, can be refused: a closed table. */

export const statusListErrorDescriptions = {
  malformed_reference: 'the status claim of the token is malformed',
  unsupported_mechanism: 'the status claim of the token names no mechanism that is known here',
  malformed_list: 'the status list is malformed',
  too_large: 'the status list is larger than it may be here',
  wrong_subject: 'the status list is another one than the token names',
  expired: 'the status list has expired',
  out_of_bounds: 'the status list has no entry at the index of the token',
} as const;

export type StatusListErrorCode = keyof typeof statusListErrorDescriptions;

/** The message is constant text for the code and never holds anything from a token. */
export class StatusListError extends Error {
  readonly code: StatusListErrorCode;

  constructor(code: StatusListErrorCode) {
    super(statusListErrorDescriptions[code]);
    this.name = 'StatusListError';
    this.code = code;
  }
}
