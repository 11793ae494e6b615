/** The pages of docs/reference, STANDARDS.md, and what the console knows of the APIs, as they follow from the code. */
import { catPage } from './cat-page.ts';
import { cliPage } from './cli-page.ts';
import { conformancePage } from './conformance-page.ts';
import { consoleTypes } from './console-types.ts';
import { configurationPage } from './configuration-page.ts';
import { endpointsPage } from './endpoints-page.ts';
import { errorsPage } from './errors-page.ts';
import { gatewayPage } from './gateway-page.ts';
import { problemsPage } from './problems-page.ts';
import { proofPage } from './proof-page.ts';
import { standardsPage } from './standards-page.ts';

/** @returns text by path from the root of the repository */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/reference/cli.md', await cliPage()],
    ['docs/reference/common-access-token.md', catPage()],
    ['docs/reference/conformance.md', conformancePage()],
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/endpoints.md', await endpointsPage()],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/gateway.md', gatewayPage()],
    ['docs/reference/problems.md', problemsPage()],
    ['docs/reference/proof.md', proofPage()],
    ['packages/console/src/api/described.ts', await consoleTypes()],
    ['STANDARDS.md', standardsPage()],
  ]);
}
