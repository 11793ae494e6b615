/** The store cannot answer now (disk full, database gone). Nothing was changed; trying again may work. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A unique name is taken: an email, a client id, an API's identifier. */
export class AlreadyExists extends Error {
  override readonly name = 'AlreadyExists';
  readonly what: 'email' | 'client_id' | 'identifier' | 'kid';

  constructor(what: AlreadyExists['what']) {
    super(`${what} is taken`);
    this.what = what;
  }
}
