/**
 * The store cannot answer now (disk full, database gone). Trying again may work; where its answer was lost, a write may
 * have been done all the same.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A unique name is taken: an email, a client id, an API's identifier. */
export class AlreadyExists extends Error {
  override readonly name = 'AlreadyExists';
  readonly what: 'email' | 'client_id' | 'identifier' | 'kid' | 'issuer';

  constructor(what: AlreadyExists['what']) {
    super(`${what} is taken`);
    this.what = what;
  }
}

/** The last active administrator stays one: somebody must be left who can administer. */
export class LastAdministrator extends Error {
  override readonly name = 'LastAdministrator';

  constructor() {
    super('this is the last active administrator');
  }
}

/** An organization keeps an owner: somebody must be left who can decide about it. */
export class LastOwner extends Error {
  override readonly name = 'LastOwner';

  constructor() {
    super('this is the last owner of the organization');
  }
}

/** The cursor of a list request was not made by that list. Bad input, never a fault of the store. */
export class BadCursor extends Error {
  override readonly name = 'BadCursor';

  constructor() {
    super('the cursor does not come from this list');
  }
}

/** The duty has gone to another node, or nobody renewed it; nothing was changed. */
export class NotOnDuty extends Error {
  override readonly name = 'NotOnDuty';

  constructor() {
    super('another node is on duty');
  }
}
