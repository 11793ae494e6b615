/** Accessibility, as axe-core judges it. */
import axe, { type AxeResults, type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * What axe has against a page, in one line each. It runs in the page itself, frames of other origins are not looked into:
 * none of our pages has any.
 * @param rules all of them unless given
 */
export async function violationsOn(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  const runOnly: RunOptions['runOnly'] =
    rules === undefined ? { type: 'tag', values: TAGS } : { type: 'rule', values: [...rules] };
  const options: RunOptions = { runOnly, resultTypes: ['violations'] };
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
