import { html } from './html.ts';
import type { Html } from './html.ts';

/** Fields of a form that nobody types; absent values are left out. */
export function hiddenFields(fields: Readonly<Record<string, string | undefined>>): readonly Html[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
}
