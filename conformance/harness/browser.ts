// A browser without scripts: keeps cookies, follows redirects, sends forms. Stops where it would leave the server.
import { encode, type HeaderLine, type HttpResponse, type Parameters, type Send } from './http.ts';

export interface Visit extends HttpResponse {
  /** Where the browser is. */
  readonly url: string;
  /** Where the server sent it, outside of itself, as the header says it; the browser did not go. */
  readonly leftFor: string | undefined;
  /** Every answer on the way, the last one included. */
  readonly hops: readonly HttpResponse[];
}

const MOST_REDIRECTS = 12;

export class Browser {
  readonly cookies = new Map<string, string>();
  /** Every Set-Cookie that was received, as it was. */
  readonly setCookies: string[] = [];
  readonly #send: Send;
  readonly #origin: string;

  constructor(send: Send, origin: string) {
    this.#send = send;
    this.#origin = origin;
  }

  get(url: string, headers: readonly HeaderLine[] = []): Promise<Visit> {
    return this.#follow('GET', new URL(url, this.#origin).href, headers);
  }

  /** Sends fields the way a form of the server does. `headers` replace what a browser would send. */
  post(url: string, fields: Parameters, headers?: readonly HeaderLine[]): Promise<Visit> {
    const sent: readonly HeaderLine[] = headers ?? [
      ['content-type', 'application/x-www-form-urlencoded'],
      ['origin', this.#origin],
      ['sec-fetch-site', 'same-origin'],
    ];
    return this.#follow('POST', new URL(url, this.#origin).href, sent, encode(fields));
  }

  async #follow(
    method: string,
    first: string,
    headers: readonly HeaderLine[],
    body?: string,
  ): Promise<Visit> {
    const hops: HttpResponse[] = [];
    let step: { method: string; url: string; headers: readonly HeaderLine[]; body?: string } = {
      method,
      url: first,
      headers,
      ...(body === undefined ? {} : { body }),
    };
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one redirect leads to the next
      const response = await this.#send({ ...step, headers: [...step.headers, ...this.#cookieHeader()] });
      this.#keepCookies(response.headers);
      hops.push(response);
      const { status } = response;
      const location = status >= 300 && status < 400 ? response.headers.get('location') : null;
      const target = location === null ? null : URL.parse(location, step.url);
      const leaves = location !== null && target?.origin !== this.#origin;
      if (target === null || leaves) {
        return { ...response, url: step.url, hops, leftFor: leaves ? location : undefined };
      }
      if (hops.length > MOST_REDIRECTS) throw new Error('The server redirects in a circle');
      // 307 and 308 repeat method and body, as browsers do.
      step = status > 303 ? { ...step, url: target.href } : { method: 'GET', url: target.href, headers: [] };
    }
  }

  #cookieHeader(): readonly HeaderLine[] {
    if (this.cookies.size === 0) return [];
    return [['cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')]];
  }

  #keepCookies(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      this.setCookies.push(line);
      const [pair = ''] = line.split(';', 1);
      const name = pair.slice(0, pair.indexOf('='));
      const expires = /;\s*expires=([^;]+)/i.exec(line)?.[1];
      const ended = /;\s*max-age=0\b/i.test(line) || (expires !== undefined && Date.parse(expires) < 1e11);
      if (ended) this.cookies.delete(name);
      else this.cookies.set(name, pair.slice(name.length + 1));
    }
  }
}
