import type { DocLibrary } from './library.ts';

/** `/llms.txt`: the map of the documentation for programs that read, each page named by its Markdown. */
export function llmsText({ folders }: DocLibrary): string {
  const sections = folders.map(({ title, docs }) => {
    const lines = docs.map(
      ({ path, title: name, summary }) =>
        `- [${name}](/docs/${path}.md)${summary === '' ? '' : `: ${summary}`}`,
    );
    return `## ${title}\n\n${lines.join('\n')}\n`;
  });
  return `# Tessera\n\n> The access-token server: issues, explains, verifies, renews and revokes access tokens.\n\n${sections.join('\n')}`;
}
