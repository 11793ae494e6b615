/**
 * One issue of the catalogue as it is written down by hand: a disc, a set of discs, a roll, or sides gathered here.
 *
 * Titles, performers, years and issue numbers are facts about the recordings. `year` is the year of the session: discs of
 * that time reached the shops within months. Lengths are rounded to five seconds; where no timing was at hand, the length
 * is the usual one of such a side. `fame` (0-100) is this editor's guess, for there are no plays to count.
 */
export interface Release {
  /** Only where the joined titles of the sides are not the name. */
  readonly name?: string;
  readonly kind?: 'album' | 'single' | 'compilation';
  readonly artists: readonly string[];
  readonly year: number;
  /** The company, and the number of the issue where it is certain. */
  readonly issue: string;
  readonly genres: readonly string[];
  readonly rights?: 'public domain' | 'CC0';
  readonly sides: readonly Side[];
}

export interface Side {
  readonly title: string;
  /** minutes:seconds */
  readonly length: string;
  readonly artists?: readonly string[];
  readonly year?: number;
  readonly fame?: number;
  /** Only for the two tracks whose ids are promised to documents; all others are derived (catalogue-id.ts). */
  readonly id?: string;
}
