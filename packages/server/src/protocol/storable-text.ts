/** Text that every database can keep: what is not is refused where it comes in. */

interface Unstorable {
  /** A JSON pointer to the text (RFC 6901). */
  readonly pointer: string;
  readonly detail: string;
}

/** U+0000 and halves of surrogate pairs are no text that every database can keep. */
export function unstorableText(value: unknown, pointer: string): Unstorable[] {
  if (typeof value === 'string') {
    const storable = value.isWellFormed() && !value.includes('\0');
    return storable ? [] : [{ pointer, detail: 'must be well-formed Unicode without U+0000' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    unstorableText(member, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}
