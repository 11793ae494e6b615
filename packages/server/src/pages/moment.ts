/** Date and time to the minute, in UTC because the server does not know where the person is. */
export function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
