/** JSON in a parameter: small, because a request travels through the pages of the sign-in in their URLs. */

const LONGEST = 4096;

/** The value; undefined when it is no JSON or too long. */
export function parseJson(text: string): unknown {
  if (text.length > LONGEST) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
