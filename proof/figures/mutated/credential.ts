// What somebody presents to a server, what is changed in it, and what the server makes of that.
import { type Dice, mutateBytes, mutateText } from '../../../packages/tokens/testing/mutated-bytes.ts';
import type { Answer } from '../../../test/oauth-calls.ts';

/** What became of it, with the answer's status. */
export interface Verdict {
  readonly accepted: boolean;
  readonly status: number;
}

export interface Credential {
  readonly name: string;
  /** Good ones. The first is what `present` stands in for; pieces come from the others. */
  readonly goods: readonly [string, ...string[]];
  /** Headers carry no line ends, and lose white space: nothing is changed to that. */
  readonly by: 'header' | 'form';
  readonly present: (changed: string) => Promise<Verdict>;
}

export const verdictOf = ({ status }: Pick<Answer, 'status'>, accepted = status < 300): Verdict => ({
  accepted,
  status,
});

/** Without what ends a header or a cookie. */
const IN_HEADERS = /^[!-:<-~\u0080-\u00ff]*$/;

/** One that was not handed out. */
export function changeCredential({ goods, by }: Pick<Credential, 'goods' | 'by'>, dice: Dice): string {
  for (;;) {
    const changed = changeText(goods, dice);
    // Now and then two changes undo each other, or make another that was handed out.
    if (!goods.includes(changed) && (by === 'form' || IN_HEADERS.test(changed))) return changed;
  }
}

/** Changes the text, its characters as bytes, or the bytes that one of its parts stands for. */
export function changeText(tokens: readonly string[], dice: Dice): string {
  const token = tokens[dice.below(tokens.length)] ?? '';
  const parts = token.split('.');
  const how = dice.below(3);
  if (how === 0) return mutateText(token, dice);
  const [read, index] =
    how === 1 ? (['latin1', -1] as const) : (['base64url', dice.below(parts.length)] as const);
  const bytesOf = (one: string): Uint8Array =>
    Buffer.from(index === -1 ? one : (one.split('.')[index] ?? ''), read);
  const others = tokens.map((one) => bytesOf(one));
  const changed = Buffer.from(mutateBytes(bytesOf(token), others, dice)).toString(read);
  return index === -1 ? changed : parts.with(index, changed).join('.');
}

/** @returns what went wrong, in words */
export async function tryChanged({ name, present }: Credential, changed: string): Promise<readonly string[]> {
  const { accepted, status } = await present(changed);
  return [
    ...(accepted ? [`${name} accepted: ${JSON.stringify(changed)}`] : []),
    ...(status >= 500 ? [`${name}, ${status}: ${JSON.stringify(changed)}`] : []),
  ];
}

/** The good one itself: a server that refuses everything has shown nothing. */
export async function tryGood({ name, goods, present }: Credential): Promise<readonly string[]> {
  const { accepted, status } = await present(goods[0]);
  return accepted ? [] : [`${name} is refused as it is: ${status}`];
}
