/** Signs in on the server's own pages, the way a browser without scripts does. */

interface Page {
  readonly url: string;
  readonly html: string;
}

/** @returns what the app's own page answered, after sign-in and consent */
export async function signInWithForms(address: string, email: string, password: string): Promise<string> {
  const cookies = new Map<string, string>();
  const origin = new URL(address).origin;
  let page = await visit(new Request(address), origin, cookies);
  for (let step = 0; step < 3 && page.url.startsWith(origin); step++) {
    // oxlint-disable-next-line no-await-in-loop -- each page leads to the next
    page = await visit(submission(page, { email, password }), origin, cookies);
  }
  return page.html;
}

/** The form of the page, filled in; on the consent page its first button, which agrees. */
function submission(page: Page, typed: Readonly<Record<string, string>>): Request {
  const forms = [...page.html.matchAll(/<form\b[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)];
  // The consent page also has a form that changes the account.
  const form = forms.find(([, action]) => action !== '/logout');
  if (form === undefined) throw new Error(`There is no form at ${page.url}`);
  const fields = new URLSearchParams();
  for (const [tag] of (form[2] ?? '').matchAll(/<(?:input|button)\b[^>]*>/g)) {
    const name = attribute(tag, 'name');
    const isSecondButton = tag.startsWith('<button') && name !== undefined && fields.has(name);
    if (name !== undefined && !isSecondButton) fields.set(name, typed[name] ?? attribute(tag, 'value') ?? '');
  }
  return new Request(new URL(form[1] ?? '', page.url), {
    method: 'POST',
    body: fields.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(page.url).origin },
  });
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&');
}

/** Follows redirects, and keeps the cookies of the server. */
async function visit(first: Request, origin: string, cookies: Map<string, string>): Promise<Page> {
  let request = first;
  for (let redirects = 0; redirects < 10; redirects++) {
    const headers = new Headers(request.headers);
    if (request.url.startsWith(origin))
      headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '));
    // oxlint-disable-next-line no-await-in-loop -- one redirect leads to the next
    const response = await fetch(request, { redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) cookies.set(name, value);
    }
    const location = response.headers.get('location');
    // oxlint-disable-next-line no-await-in-loop -- the end of the loop
    if (location === null) return { url: request.url, html: await response.text() };
    request = new Request(new URL(location, request.url));
  }
  throw new Error('The server redirects in a circle');
}
