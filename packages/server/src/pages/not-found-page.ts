/** For people at an address where there is nothing; programs are told in JSON. */
import { errorPage } from './error-page.ts';
import { pageHeaders } from './security-headers.ts';

export interface NotFoundPage {
  readonly headers: Readonly<Record<string, string>>;
  readonly page: string;
}

/** @param reference the id of the request */
export function notFoundPage(reference: string): NotFoundPage {
  const page = errorPage({
    status: 404,
    title: 'There is nothing here',
    explanation: 'No page of this server has this address.',
    whatToDo: 'Check the address for a slip, or begin at the start page.',
    link: { url: '/', text: 'Go to the start page' },
    reference,
  });
  return { headers: pageHeaders(), page };
}
