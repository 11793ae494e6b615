/** The form of conditions that ask whether something is among what they name. */
import { Type } from '../../../schema/type.ts';
import type { Met, Reach } from './condition.ts';

const MOST = 100;

/** `any_of`: one of them has to be there; `none_of`: none may be. With both, both. */
export function anyOrNone(description: string, one: Parameters<typeof Type.String>[0] = {}) {
  const names = Type.Array(Type.String({ minLength: 1, maxLength: 2048, ...one }), {
    minItems: 1,
    maxItems: MOST,
  });
  return Type.Object(
    { any_of: Type.Optional(names), none_of: Type.Optional(names) },
    { additionalProperties: false, minProperties: 1, description },
  );
}

export interface AnyOrNone {
  readonly any_of?: readonly string[];
  readonly none_of?: readonly string[];
}

/** @param got what is there; @param nothing the word for an empty one */
export function judgeAnyOrNone(
  { any_of: any, none_of: none }: AnyOrNone,
  got: readonly string[],
  nothing: string,
): Met {
  const has = (name: string): boolean => got.includes(name);
  return {
    met: (any === undefined || any.some(has)) && (none === undefined || !none.some(has)),
    expected: expectedOf({ any_of: any, none_of: none }),
    got: got.length === 0 ? nothing : got.join(', '),
  };
}

export function expectedOf({
  any_of: any,
  none_of: none,
}: { readonly [Name in keyof AnyOrNone]: AnyOrNone[Name] | undefined }): string {
  const parts = [
    any === undefined ? undefined : `one of ${listed(any)}`,
    none === undefined ? undefined : `none of ${listed(none)}`,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

/** Long lists are cut: the policy itself has them all. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** The ids that one of which it has to be; undefined where it may be anything. */
export function reachOf(by: Reach['by'], { any_of: any }: AnyOrNone): Reach | undefined {
  return any === undefined ? undefined : { by, ids: any };
}
