/**
 * Distinguished names, for telling whether a certificate's subject is the registered one. Values are compared as they
 * are, case included: what differs in any way is another name.
 * @spec RFC 4514 §2 and §3
 */

/** From the most specific part to the least; a part may hold several attributes, which are sorted. */
export type DistinguishedName = readonly (readonly string[])[];

/** Names of attribute types (RFC 4519 §2, and how OpenSSL calls some of them). */
const OIDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    cn: '2.5.4.3',
    sn: '2.5.4.4',
    serialnumber: '2.5.4.5',
    c: '2.5.4.6',
    l: '2.5.4.7',
    st: '2.5.4.8',
    street: '2.5.4.9',
    o: '2.5.4.10',
    ou: '2.5.4.11',
    title: '2.5.4.12',
    description: '2.5.4.13',
    businesscategory: '2.5.4.15',
    postalcode: '2.5.4.17',
    telephonenumber: '2.5.4.20',
    gn: '2.5.4.42',
    givenname: '2.5.4.42',
    initials: '2.5.4.43',
    dnqualifier: '2.5.4.46',
    organizationidentifier: '2.5.4.97',
    dc: '0.9.2342.19200300.100.1.25',
    uid: '0.9.2342.19200300.100.1.1',
    emailaddress: '1.2.840.113549.1.9.1',
  }),
);

/** One attribute: a type, and a value in which everything special is escaped; not one in hex. */
const ATTRIBUTE =
  /^([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+) *= *((?:[^\\,+;<>"#\0 ]|\\[\s\S])(?:[^\\,+;<>"\0]|\\[\s\S])*)$/;

/** @returns undefined for what is no distinguished name, or holds values in hex */
export function parseDistinguishedName(text: string): DistinguishedName | undefined {
  return parseParts(split(text, ','));
}

/** @param subject how Node shows the subject of a certificate: a line for each part, the least specific first */
export function parseCertificateSubject(subject: string): DistinguishedName | undefined {
  return parseParts(subject.split('\n').toReversed());
}

export function isSameName(left: DistinguishedName, right: DistinguishedName): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function parseParts(parts: readonly string[]): DistinguishedName | undefined {
  const name: (readonly string[])[] = [];
  for (const part of parts) {
    const attributes: string[] = [];
    for (const attribute of split(part, '+')) {
      const parsed = parseAttribute(attribute);
      if (parsed === undefined) return undefined;
      attributes.push(parsed);
    }
    name.push(attributes.toSorted());
  }
  return name;
}

function parseAttribute(text: string): string | undefined {
  const [, type, escaped] = ATTRIBUTE.exec(trimmed(text)) ?? [];
  if (type === undefined || escaped === undefined) return undefined;
  const name = type.toLowerCase();
  const value = unescaped(escaped);
  return value === undefined ? undefined : `${OIDS.get(name) ?? name}=${value}`;
}

/** At separators that are not escaped. */
function split(text: string, separator: ',' | '+'): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === separator) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Without the spaces around it; one that is escaped belongs to the value. */
function trimmed(text: string): string {
  const end = text.trimEnd();
  const isEscaped = /(?:^|[^\\])(?:\\\\)*\\$/.test(end) && end.length < text.length;
  return (isEscaped ? `${end} ` : end).trimStart();
}

/** Escaped characters, and bytes of UTF-8 in hex (RFC 4514 §3). */
function unescaped(text: string): string | undefined {
  const bytes: Buffer[] = [];
  for (const [piece] of text.matchAll(/\\[0-9a-f]{2}|\\[\s\S]|[^\\]+/gi)) {
    if (!piece.startsWith('\\')) bytes.push(Buffer.from(piece));
    else bytes.push(piece.length === 3 ? Buffer.from(piece.slice(1), 'hex') : Buffer.from(piece.slice(1)));
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes));
  } catch {
    return undefined;
  }
}
