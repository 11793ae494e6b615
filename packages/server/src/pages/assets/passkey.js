// Passkeys, for pages that work without this file: by a password, a code of an app, a recovery code.
const form = document.querySelector('form[data-passkey]');
if (form && window.PublicKeyCredential) start();

function start() {
  const { passkey: kind, options, autofill } = form.dataset;
  const field = form.elements.passkey;
  const note = form.querySelector('[data-note]');
  const publicKey = read(JSON.parse(options));
  let asking;
  form.hidden = false;
  // A page that comes back from the browser's memory must not send the same answer again.
  window.addEventListener('pageshow', () => (field.value = ''));
  form.addEventListener('submit', (event) => {
    if (field.value !== '') return;
    event.preventDefault();
    note.textContent = '';
    void ask();
  });
  if (autofill !== undefined) void askInAutofill();

  async function askInAutofill() {
    if (await PublicKeyCredential.isConditionalMediationAvailable?.()) await ask('conditional');
  }

  async function ask(mediation) {
    asking?.abort();
    const controller = (asking = new AbortController());
    try {
      const request = { publicKey, signal: controller.signal };
      if (mediation !== undefined) request.mediation = mediation;
      field.value = JSON.stringify(write(await navigator.credentials[kind](request)));
      form.submit();
    } catch (error) {
      if (mediation !== undefined || controller.signal.aborted) return;
      note.textContent =
        error.name === 'InvalidStateError'
          ? form.dataset.known
          : `No passkey was used. ${form.dataset.instead}`;
      if (autofill !== undefined) void askInAutofill();
    }
  }
}

function read(options) {
  const named = (list = []) => list.map((each) => ({ ...each, id: bytes(each.id) }));
  return {
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.allowCredentials && { allowCredentials: named(options.allowCredentials) }),
    ...(options.excludeCredentials && { excludeCredentials: named(options.excludeCredentials) }),
  };
}

function write({ id, type, response }) {
  const names = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];
  const parts = names.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  const transports = response.getTransports?.();
  return {
    id,
    rawId: id,
    type,
    response: { ...Object.fromEntries(parts), ...(transports && { transports }) },
    clientExtensionResults: {},
  };
}

function bytes(base64url) {
  const base64 = base64url.replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function text(buffer) {
  const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(characters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
