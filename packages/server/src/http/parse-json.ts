/** A member that would be read as the prototype of an object is refused. @throws SyntaxError */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (name, value: unknown) => {
    if (name === '__proto__') throw new SyntaxError('__proto__');
    return value;
  });
}
