import type { Form } from '../../protocol/form.ts';
import { fieldOfPermission } from '../permissions.ts';

/** The permissions that the person left ticked; absent means no. */
export function tickedScopes(form: Form, optional: readonly string[]): ReadonlySet<string> {
  return new Set(optional.filter((scope) => form.get(fieldOfPermission(scope)) === 'yes'));
}
