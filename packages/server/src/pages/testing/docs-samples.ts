/** Pages of the docs. */
import { docPage, listPage, noSuchDocPage } from '../docs/docs-page.ts';
import type { DocLibrary } from '../docs/library.ts';

const WORDS = {
  path: 'start/words',
  title: 'Words',
  summary: 'What things are called: on the pages, in messages, in these docs.',
  markdown: `# Words

What things are called, with **strong** and \`code\`, and <b>HTML that is shown</b>.

## Who and what

| Say | It is | On the wire |
|---|---|---|
| **API** | what is protected | \`resource\` |
| **app** | what calls | \`https://a.example/a-long-identifier-of-an-api/that-does-not-break\` |

- [Another page](first-token.md#use)
- [x] done

\`\`\`sh
curl -u demo-app:secret -d grant_type=client_credentials http://localhost:4400/api/token | head -c 100
\`\`\`
`,
};
const FIRST = {
  path: 'start/first-token',
  title: 'First token',
  summary: 'In a minute.',
  markdown: '# First token\n',
};
const LIBRARY: DocLibrary = {
  docs: new Map([WORDS, FIRST].map((doc) => [doc.path, doc])),
  folders: [
    { path: 'start', title: 'Start', docs: [FIRST, WORDS] },
    {
      path: 'explain',
      title: 'Explain',
      docs: [{ ...FIRST, path: 'explain/why', title: 'Why tokens expire' }],
    },
  ],
};

export const DOCS_SAMPLES: Readonly<Record<string, string>> = {
  'docs-page': docPage(WORDS, LIBRARY),
  'docs-list': listPage('Docs', LIBRARY.folders, LIBRARY),
  'docs-none': noSuchDocPage(LIBRARY),
};
