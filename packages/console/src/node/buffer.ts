/** Node's Buffer for the code of `@tessera/tokens` in a browser; put in by the build where it is named. */
// oxlint-disable-next-line unicorn/prefer-node-protocol -- the package, which the slash tells from Node's own
import { Buffer as PlainBuffer } from 'buffer/';

const plainFrom = PlainBuffer.from.bind(PlainBuffer) as (...given: readonly unknown[]) => PlainBuffer;
// oxlint-disable-next-line typescript/unbound-method -- taken before it is replaced, and called with its own `this`
const plainToString = PlainBuffer.prototype.toString;

/** The package knows every encoding but this one (RFC 4648 §5). */
Object.assign(PlainBuffer, {
  from: (value: unknown, encoding?: unknown, length?: unknown) =>
    encoding === 'base64url'
      ? plainFrom(String(value).replaceAll('-', '+').replaceAll('_', '/'), 'base64')
      : plainFrom(value, encoding, length),
});

PlainBuffer.prototype.toString = function toString(encoding?: string, start?: number, end?: number): string {
  if (encoding !== 'base64url') return plainToString.call(this, encoding as 'utf8', start, end);
  const text = plainToString.call(this, 'base64', start, end);
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
};

export { PlainBuffer as Buffer };
