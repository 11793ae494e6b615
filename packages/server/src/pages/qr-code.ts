/** A QR code as part of the page: nobody else is asked to draw it. @spec ISO/IEC 18004 */
import { html } from './html.ts';
import type { Html } from './html.ts';

const QUIET_ZONE = 4;

/** Dark on light whatever the colours of the page are: cameras want it so. */
export async function qrCode(text: string, label: string): Promise<Html> {
  const { encodeQR } = await import('qr');
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET_ZONE });
  const path = modules
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  const size = String(modules.length);
  return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label="${label}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${path}"/></svg>`;
}
