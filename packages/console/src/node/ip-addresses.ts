/** As in node:net. */
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);

export function isIPv4(text: string): boolean {
  return IPV4.test(text);
}

export function isIPv6(text: string): boolean {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0 || !/^[0-9a-fA-F:.]+$/.test(text)) return false;
  const first = groupsIn(head);
  const second = tail === undefined ? 0 : groupsIn(tail);
  if (first === undefined || second === undefined) return false;
  return tail === undefined ? first === 8 : first + second < 8;
}

/** How many groups of 16 bits; undefined where one of them is none. */
function groupsIn(text: string): number | undefined {
  if (text === '') return 0;
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const endsInIPv4 = last.includes('.');
  if (endsInIPv4 && !isIPv4(last)) return undefined;
  const plain = endsInIPv4 ? parts.slice(0, -1) : parts;
  if (!plain.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part))) return undefined;
  return plain.length + (endsInIPv4 ? 2 : 0);
}
