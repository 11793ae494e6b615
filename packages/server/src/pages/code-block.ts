/** Code that is shown. What carries `data-run` is complete: a test takes it from the page and runs it as it stands. */
import { html } from './html.ts';
import type { Html } from './html.ts';

export function codeBlock(run: 'shell' | 'js', code: string): Html {
  return html`<figure class="code"><figcaption class="small muted">${run === 'shell' ? 'Shell' : 'JavaScript'}</figcaption><pre data-run="${run}"><code>${code}</code></pre></figure>`;
}
