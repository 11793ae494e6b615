/**
 * The single things an app asks for, in the words of the API they are for. Nothing of a detail stays unsaid: members
 * that the sentence does not name are listed below it. @spec RFC 9396 §2 and §12
 */
import type { AuthorizationDetail } from '../domain/authorization-detail.ts';
import type { AuthorizationDetailsType } from '../domain/authorization-details-type.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';

export interface ConsentDetail {
  readonly detail: AuthorizationDetail;
  readonly type: AuthorizationDetailsType;
  /** The name of its API. */
  readonly api: string;
}

export function detailsSection(details: readonly ConsentDetail[]): Html | false {
  if (details.length === 0) return false;
  return html`<section><h2>Only this, in detail</h2>
<ul class="permissions">
${details.map(
  ({
    detail,
    type,
    api,
  }) => html`<li><span>${sentence(detail, type)}</span><code>${type.type}</code><span class="before small muted">${api}</span>${unsaid(detail, type)}</li>
`,
)}</ul></section>`;
}

const PLACE = /\{([\w-]+)\}/;

function sentence(detail: AuthorizationDetail, { description }: AuthorizationDetailsType): readonly Html[] {
  return description.split(PLACE).map((part, index) => {
    if (index % 2 === 0) return html`${part}`;
    const value = Object.hasOwn(detail, part) ? detail[part] : undefined;
    return value === undefined ? html`any ${part}` : html`<strong>${inWords(value)}</strong>`;
  });
}

function unsaid(detail: AuthorizationDetail, { description }: AuthorizationDetailsType): readonly Html[] {
  const said = new Set([
    'type',
    'locations',
    ...description.split(PLACE).filter((_, index) => index % 2 === 1),
  ]);
  return Object.entries(detail)
    .filter(([name]) => !said.has(name))
    .map(([name, value]) => html`<span class="before small">${name}: ${inWords(value)}</span>`);
}

function inWords(value: unknown): string {
  if (value === true) return 'yes';
  if (value === false) return 'no';
  return Array.isArray(value) ? value.map(String).join(', ') : String(value);
}
