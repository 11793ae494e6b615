/** What is sealed comes back in one spelling: none of these is opened, though a lenient decoder would. */
export function otherSpellings(sealed: string): readonly (readonly [how: string, changed: string])[] {
  return [
    ['with a space', `${sealed.slice(0, 9)} ${sealed.slice(9)}`],
    ['with a line end', `${sealed}\n`],
    ['with padding', `${sealed}=`],
    ['with a character of no alphabet', `${sealed.slice(0, 9)}~${sealed.slice(9)}`],
    ['with a character too many', `${sealed}A`],
    ['in standard base64', Buffer.from(sealed, 'base64url').toString('base64')],
    ['cut', sealed.slice(0, -4)],
    ['empty', ''],
  ];
}
