/** Times on the wire are whole seconds since the epoch; inside they are milliseconds. */
import { Type } from '../schema/type.ts';

export function Seconds(description: string) {
  return Type.Integer({
    minimum: 0,
    maximum: 253_402_300_799,
    description: `${description}; seconds since the epoch`,
  });
}

export function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
