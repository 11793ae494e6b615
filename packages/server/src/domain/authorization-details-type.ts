/** A type of details that an API takes in `authorization_details` (RFC 9396 §2), and how a person is told of one. */
export interface AuthorizationDetailsType {
  readonly type: string;
  /**
   * The sentence a person reads. `{member}` stands for the value of a member of the same name; members that the
   * sentence does not name are listed below it.
   */
  readonly description: string;
  /** The members an entry may have beside `type` and `locations`; any other is refused. */
  readonly members: Readonly<Record<string, DetailMember>>;
}

export interface DetailMember {
  readonly type: 'string' | 'integer' | 'boolean' | 'strings';
  readonly required?: boolean;
  /** The only values that a string, or each of several, may have. */
  readonly values?: readonly string[];
  /** Of an integer. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** In characters, of a string; 200 unless set. */
  readonly max_length?: number;
}
