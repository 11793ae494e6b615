/** How an app is disconnected: said on the pages where one is let in. */
import { html } from './html.ts';

/** Where the console lists them (packages/console/src/shell/entries). */
export const CONNECTED_APPS = '/console/settings/apps';

export const ENDING = html`End it whenever you like in <a href="${CONNECTED_APPS}">Connected apps</a>.`;
