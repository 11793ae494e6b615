// A browser without scripts: keeps cookies, follows redirects, sends forms. Stops where it would leave the server.
import { type HtmlForm, formsOf } from './html-form.ts';

export interface Visit {
  /** Where the browser is. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly page: string;
  /** Where the server sent it, outside of itself; the browser did not go. */
  readonly leftFor: URL | undefined;
  /** The status of every answer on the way, the last one included. */
  readonly statuses: readonly number[];
}

export class NoScriptBrowser {
  /** Where requests go. */
  readonly base: string;
  /** What the server is called: the origin of its pages. */
  readonly origin: string;
  readonly cookies = new Map<string, string>();
  /** Every Set-Cookie that was received, as it was. */
  readonly setCookies: string[] = [];

  constructor(base: string, origin = new URL(base).origin) {
    this.base = base;
    this.origin = origin;
  }

  get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Visit> {
    return this.#follow(new Request(this.#absolute(url), { redirect: 'manual', headers: { ...headers } }));
  }

  /** Sends fields the way a form does. `headers` replace what a browser would send. */
  post(
    url: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Visit> {
    return this.#follow(
      new Request(this.#absolute(url), {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams(fields).toString(),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: this.origin,
          'sec-fetch-site': 'same-origin',
          ...headers,
        },
      }),
    );
  }

  /** Fills in the first form of the page that has all the named fields and the button, and sends it. */
  submit(visit: Visit, typed: Readonly<Record<string, string>>, button?: string): Promise<Visit> {
    const form = findForm(visit.page, Object.keys(typed), button);
    const pressed = form.buttons.find(({ value }) => value === button);
    const fields = {
      ...form.fields,
      ...typed,
      ...(pressed?.name === undefined ? {} : { [pressed.name]: pressed.value }),
    };
    return this.post(new URL(form.action, visit.url).href, fields);
  }

  #absolute(url: string): string {
    const { pathname, search } = new URL(url, this.base);
    return `${this.base}${pathname}${search}`;
  }

  async #follow(first: Request): Promise<Visit> {
    const statuses: number[] = [];
    let request = first;
    for (;;) {
      if (this.cookies.size > 0) request.headers.set('cookie', this.#cookieHeader());
      // oxlint-disable-next-line no-await-in-loop -- one redirect leads to the next
      const response = await fetch(request);
      this.#keepCookies(response.headers);
      statuses.push(response.status);
      const location =
        response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
      const target =
        location === null ? undefined : new URL(location, `${this.origin}${new URL(request.url).pathname}`);
      if (target === undefined || (target.origin !== this.origin && target.origin !== this.base)) {
        // oxlint-disable-next-line no-await-in-loop -- the end of the loop
        const page = await response.text();
        const { status, headers } = response;
        return { url: request.url, status, headers, page, leftFor: target, statuses };
      }
      if (statuses.length > 10) throw new Error('The server redirects in a circle');
      // 307 and 308 repeat the method, and with it what was posted; nothing of ours may answer so.
      if (response.status > 303) throw new Error(`A redirect with ${response.status}`);
      request = new Request(this.#absolute(target.href), { redirect: 'manual' });
    }
  }

  #cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keepCookies(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      this.setCookies.push(line);
      const [pair = ''] = line.split(';', 1);
      const name = pair.slice(0, pair.indexOf('='));
      const ended = /;\s*max-age=0\b/i.test(line) || /;\s*expires=Thu, 01 Jan 1970/i.test(line);
      if (ended) this.cookies.delete(name);
      else this.cookies.set(name, pair.slice(name.length + 1));
    }
  }
}

export function findForm(page: string, fields: readonly string[], button?: string): HtmlForm {
  const form = formsOf(page).find(
    ({ names, buttons }) =>
      fields.every((field) => names.includes(field)) &&
      (button === undefined || buttons.some(({ value }) => value === button)),
  );
  if (form === undefined) {
    throw new Error(`The page has no form with ${[...fields, button].join(', ')}: ${titleOf(page)}`);
  }
  return form;
}

export function hasForm(page: string, ...fields: readonly string[]): boolean {
  return formsOf(page).some(({ names }) => fields.every((field) => names.includes(field)));
}

export function titleOf(page: string): string {
  return /<title>([^<]*)<\/title>/i.exec(page)?.[1] ?? page.slice(0, 200);
}
