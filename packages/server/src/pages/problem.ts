/** What went wrong and what to do, above a form. @spec WCAG 2.2 §3.3.1, §3.3.3 */
import { html, type Html } from './html.ts';

export interface ShownProblem {
  readonly what: string;
  readonly whatToDo: string;
}

/** Fields at fault name it by `aria-describedby="problem"`. */
export function problemBox(problem: ShownProblem | undefined): Html | undefined {
  return problem === undefined
    ? undefined
    : html`<div class="problem" role="alert" id="problem"><strong>${problem.what}</strong><span>${problem.whatToDo}</span></div>`;
}
