import type { Page } from 'playwright-core';

/**
 * Does what leads to another page, and waits until that one is there. `waitForEvent('load')` alone may hear of the page
 * before, where that one's event is still on its way here.
 */
export async function turnPage(page: Page, act: () => Promise<unknown>): Promise<void> {
  await Promise.all([page.waitForEvent('framenavigated'), act()]);
  await page.waitForLoadState('load');
}
