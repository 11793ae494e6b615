/** Whether somebody is at the console. What it asks by itself after that keeps no session alive. */

const GONE_AFTER_MS = 60_000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'focus'] as const;

let lastSignAt = performance.now();

function noteSign(): void {
  lastSignAt = performance.now();
}

for (const sign of SIGNS) addEventListener(sign, noteSign, { capture: true, passive: true });

export function isAttended(): boolean {
  return performance.now() - lastSignAt < GONE_AFTER_MS;
}
