/** Tells a screen reader what others see; the region is in the page from the start. */
export function announce(text: string): void {
  const live = document.getElementById('live');
  if (live === null) return;
  // The same words twice would be silence.
  live.textContent = '';
  setTimeout(() => (live.textContent = text), 50);
}
