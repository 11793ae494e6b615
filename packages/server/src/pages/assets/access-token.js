// Copy buttons. The page works without this file.
const live = document.getElementById('live');

for (const figure of document.querySelectorAll('figure.code')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'plain';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(figure.querySelector('code').textContent);
    button.textContent = 'Copied';
    live.textContent = 'Copied';
    setTimeout(() => (button.textContent = 'Copy'), 2000);
  });
  figure.querySelector('figcaption').append(button);
}
