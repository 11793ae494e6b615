/** docs/reference/common-access-token.md: which claims are checked, what a refusal says, which dialects are named. */
import { catClaims, catDialects, catErrors } from '@tessera/tokens/cat';
import { code, table } from './markdown.ts';

const SUPPORT = { must: 'every recipient must', may: 'a recipient may', extension: 'extension' } as const;

export function catPage(): string {
  const claims = catClaims
    .toSorted((one, other) => Number(one.label) - Number(other.label))
    .map(({ name, label, support, section = '', says }) => [
      code(name),
      String(label),
      section,
      SUPPORT[support],
      says,
    ]);
  const errors = Object.entries(catErrors).map(([name, says]) => [code(name), says]);
  const dialects = Object.entries(catDialects).map(([name, says]) => [code(name), says]);
  return `# Common Access Tokens

A Common Access Token (CAT, CTA-5007) is a CWT for delivery networks: besides who issued it, for whom and until when, it says
which requests it allows. \`@tessera/tokens/cat\` makes, verifies, explains and renews them; an API has them with
\`token_format: cat\` ([quickstart](../quickstarts/cat-at-a-cdn.md), [how](../how-to/common-access-tokens.md)).

Nothing passes that is not understood. A claim that is unknown, malformed, or asks about something that the recipient cannot see
refuses the token, and the error names the claim. There is no leeway: a token is expired at \`exp\`, to the millisecond.

## Claims

${table(['Claim', 'Label', 'CTA-5007-B', 'Checks it', 'Says'], claims)}

\`or\`, \`nor\`, \`and\` and \`crit\` have no label yet: a recipient says which it takes (\`akamaiCompositeLabels\`,
\`c4mCompositeLabels\`, or its own). \`cattprint\` of Fastly and \`moqt\` of C4M are there as extensions. Encrypted claims are not read.

## What Tessera issues

\`iss\`, \`sub\`, \`aud\`, \`exp\`, \`iat\`, \`cti\` and \`catv\`, and \`cnf\` where the token is bound to a key. An API that has a server of ours,
which is one with \`resource_servers\`, also gets \`scope\`, \`client_id\` and \`grant_id\` under these names; other recipients would refuse them. What a
JWT says besides is absent: \`org_id\`, \`auth_time\`, \`acr\`, \`act\`, \`authorization_details\`, \`status\`. Introspection tells all of it.
A token cannot be bound to a certificate.

The secret of an API with \`signing_alg: HS256\` is made for it alone, kept sealed, never published, and handed out once by
\`POST /admin/v1/resources/{id}/cat-key\`. Whoever verifies with it can make tokens of that API. With \`signing_alg: ES256\` tokens are
signed with the published keys and say in their header that they are CATs (\`typ\`).

## Refusals

${table(['Code', 'Says'], errors)}

## Dialects

Tokens of these look alike and are refused, with the dialect named:

${table(['Dialect', 'Is'], dialects)}
`;
}
