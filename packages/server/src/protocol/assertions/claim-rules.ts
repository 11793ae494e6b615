/**
 * Which rule of a trusted issuer fits a JWT. A claim that is missing, or is no text, number or truth value, fits nothing.
 * @spec RFC 7523 §3
 */
import type { AssertionRule, TrustedIssuer } from '../../domain/trusted-issuer.ts';

type Claims = Readonly<Record<string, unknown>>;

/** The first rule whose claims are all there. @param clientId only rules for this client; absent: any */
export function fittingRule(
  { rules }: TrustedIssuer,
  claims: Claims,
  clientId?: string,
): AssertionRule | undefined {
  return rules.find(
    (rule) =>
      (clientId === undefined || rule.clientId === clientId) &&
      Object.entries(rule.claims).every(([name, pattern]) => matches(pattern, claimAt(name, claims))),
  );
}

/** A claim by its name, or by a JSON pointer to one inside of another (RFC 6901). */
function claimAt(name: string, claims: Claims): unknown {
  const path = name.startsWith('/')
    ? name
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [name];
  let found: unknown = claims;
  for (const part of path) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined;
    found = Object.hasOwn(found, part) ? (found as Claims)[part] : undefined;
  }
  return found;
}

/** `*` stands for any characters, none included; everything else for itself. */
function matches(pattern: string, claim: unknown): boolean {
  if (typeof claim !== 'string' && typeof claim !== 'number' && typeof claim !== 'boolean') return false;
  const value = String(claim);
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return value === pattern;
  if (!value.startsWith(start) || !value.endsWith(end) || value.length < start.length + end.length)
    return false;
  // What is between two stars is looked for from left to right: no pattern takes long, whatever the value.
  let from = start.length;
  const limit = value.length - end.length;
  for (const part of rest) {
    const at = value.indexOf(part, from);
    if (at === -1 || at + part.length > limit) return false;
    from = at + part.length;
  }
  return true;
}
