/** Which protocols TLS may have agreed on. Without TLS nothing is allowed. @spec CTA-5007-B §4.6.12; RFC 7301 */
import type { CatClaim } from '../claim.ts';
import { isJsonList } from '../json-value.ts';
import { isBytes, isList } from '../read-value.ts';

export const catalpn: CatClaim<readonly string[]> = {
  name: 'catalpn',
  label: 314,
  section: '4.6.12',
  support: 'may',
  says: 'Which protocols TLS may have agreed on, such as h2',
  // Protocols are bytes; as Latin-1 each byte is one character, so that none is lost.
  read: (value) =>
    isList(value) && value.length > 0 && value.every(isBytes)
      ? value.map((each) => Buffer.from(each).toString('latin1'))
      : undefined,
  acceptable: (protocols, { request }) =>
    request.alpn !== undefined && protocols.includes(request.alpn) ? undefined : 'wrong_protocol',
  presented: ({ request }) => request.alpn,
  toJson: (protocols) => protocols,
  fromJson: (json) =>
    isJsonList(json) && json.length > 0 && json.every((each) => typeof each === 'string')
      ? json.map((each) => new Uint8Array(Buffer.from(each, 'latin1')))
      : undefined,
};
