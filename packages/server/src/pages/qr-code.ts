import { qrCodeOf } from '../http/qr-code.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';

/** A QR code as part of the page. Dark on light whatever the colours of the page are: cameras want it so. */
export async function qrCode(text: string, label: string): Promise<Html> {
  const { size, path } = await qrCodeOf(text);
  return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label="${label}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${path}"/></svg>`;
}
