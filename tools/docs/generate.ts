/** `npm run docs`: writes docs/reference from the code. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { referencePages } from './reference-pages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
for (const [path, text] of await referencePages()) writeFileSync(`${root}${path}`, text);
