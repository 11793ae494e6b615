/** A person as this API knows them. It keeps no accounts: who runs it says who a subject is. */
export interface Person {
  readonly displayName: string;
  readonly email: string;
  /** ISO 3166-1; US where nothing is said. */
  readonly country?: string;
}

/** Finds the person that a token's `sub` names; undefined when there is none. */
export type FindPerson = (sub: string) => Promise<Person | undefined>;
