/**
 * What a request shows that is good once, such as an assertion or a proof: it is spent before anything is handed out.
 * @spec RFC 7523 §3, RFC 9449 §11.1
 */
import type { AccessTokenRow } from '../domain/access-token.ts';
import type { AccessTokens } from '../ports/access-tokens.ts';
import type { OneTimeUse, UsedIdentifiers } from '../ports/used-identifiers.ts';

export interface Spending {
  readonly use: OneTimeUse;
  /** Refuses a request whose proof had been used before. @throws OAuthError */
  readonly refuse: () => Promise<never>;
}

/** Each in a write of its own. @throws OAuthError when one had been used before */
export async function spend(
  spendings: readonly Spending[],
  usedIdentifiers: UsedIdentifiers,
  at: number,
): Promise<void> {
  for (const { use, refuse } of spendings) {
    // oxlint-disable-next-line no-await-in-loop -- what comes after a refused proof is not spent
    if (!(await usedIdentifiers.remember(use.use, use.identifier, use.until, at))) await refuse();
  }
}

/** Whether or not they had been used before: nothing is handed out. */
export async function spendAll(
  spendings: readonly Spending[],
  usedIdentifiers: UsedIdentifiers,
  at: number,
): Promise<void> {
  const uses = spendings.map(({ use }) => use);
  await Promise.all(
    uses.map(({ use, identifier, until }) => usedIdentifiers.remember(use, identifier, until, at)),
  );
}

/**
 * In one transaction with the row of the token that is handed out for them; if one had been used before, there is no row.
 * @throws OAuthError
 */
export async function issueSpending(
  accessTokens: AccessTokens,
  row: AccessTokenRow,
  spendings: readonly Spending[] | undefined,
  at: number,
): Promise<void> {
  if (spendings === undefined) return accessTokens.issue(row);
  const uses = spendings.map(({ use }) => use);
  const used = await accessTokens.issueOnce(row, uses, at);
  if (used !== undefined) await spendings.find(({ use }) => use === used)?.refuse();
}
