// Copy buttons and clocks, for pages that work without this file.
const live = document.getElementById('live');

// Browsers give the clipboard to secure pages only; loopback counts as one.
for (const figure of navigator.clipboard ? document.querySelectorAll('figure.code') : []) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'plain';
  button.textContent = 'Copy';
  button.addEventListener('click', () => void copy(figure, button));
  figure.querySelector('figcaption').append(button);
}

async function copy(figure, button) {
  await navigator.clipboard.writeText(figure.querySelector('code').textContent);
  live.textContent = 'Copied';
  button.textContent = 'Copied';
  setTimeout(() => (button.textContent = 'Copy'), 2000);
}

// A tile's life runs on from what the server said was left, whatever this machine's clock says.
for (const tile of document.querySelectorAll('.tile.live, .tile.ends-soon')) {
  const lifetime = Number(tile.dataset.lifetime);
  const end = performance.now() + Number(tile.dataset.left) * 1000;
  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    show(tile, left, lifetime);
    if (left === 0) clearInterval(timer);
  }, 1000);
}

function show(tile, left, lifetime) {
  tile.querySelector('progress').value = left;
  const ending = tile.querySelector('[data-ending]');
  ending.textContent = left === 0 ? '' : ` · ends in ${clock(left)}`;
  if (left === 0) change(tile, 'ended', '○', 'ended');
  else if (left <= Math.max(10, lifetime / 12)) change(tile, 'ends-soon', '◐', 'ends soon');
}

function change(tile, state, shape, word) {
  if (tile.classList.contains(state)) return;
  tile.classList.remove('live', 'ends-soon');
  tile.classList.add(state);
  const mark = tile.querySelector('.state');
  mark.className = `state ${state}`;
  mark.firstElementChild.textContent = shape;
  mark.lastElementChild.textContent = word;
  live.textContent = state === 'ended' ? 'The token has ended.' : 'The token ends soon.';
}

function clock(seconds) {
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
