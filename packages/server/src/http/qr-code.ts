/** The dark squares of a QR code, so that nobody else has to be asked to draw one. @spec ISO/IEC 18004 */

const QUIET_ZONE = 4;

export interface QrCode {
  /** Squares on each side, the quiet zone included. */
  readonly size: number;
  /** Of an SVG path that is filled dark on light. */
  readonly path: string;
}

/** Loaded when somebody sets up an app. */
export async function qrCodeOf(text: string): Promise<QrCode> {
  const { encodeQR } = await import('qr');
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET_ZONE });
  const path = modules
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  return { size: modules.length, path };
}
