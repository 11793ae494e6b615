import { standardTokenRules, type TokenRules } from '../../domain/token-rules.ts';
import type { OrganizationTokenRules } from '../../ports/token-rules.ts';
import { deepFreeze, fromJson, toJson } from '../columns.ts';
import type { Database } from '../database.ts';
import type { MemoryCache } from '../memory-cache.ts';
import { change, lastly, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { announcePersonalTokensOfOrganization } from './announce.ts';
import { recordAudit } from './audit.ts';

interface TokenRulesColumns {
  readonly rules: string;
  readonly updated_at: number;
}

/** What is kept as JSON. */
type Settings = Omit<TokenRules, 'organizationId' | 'updatedAt'>;

const findRules = statement(
  'token_rules_find',
  'SELECT rules, updated_at FROM token_rules WHERE organization_id = $1',
);
const insertRules = statement(
  'token_rules_insert',
  `INSERT INTO token_rules (organization_id, rules, updated_at)
   SELECT id, $2, CAST($3 AS bigint) FROM organizations WHERE id = $1
   ON CONFLICT (organization_id) DO NOTHING`,
);
const updateRules = statement(
  'token_rules_update',
  'UPDATE token_rules SET rules = $2, updated_at = $3 WHERE organization_id = $1 AND updated_at = $4',
);

export function createTokenRules(database: Database, cache: MemoryCache<TokenRules>): OrganizationTokenRules {
  return {
    async of(organizationId) {
      const found = await cache.get(organizationId, async () => {
        const [columns] = await database.find<TokenRulesColumns>(findRules, organizationId);
        return deepFreeze(
          columns === undefined ? standardTokenRules(organizationId) : toRules(organizationId, columns),
        );
      });
      return found ?? standardTokenRules(organizationId);
    },

    async set({ organizationId, updatedAt, ...settings }, audit, before) {
      const written = await database.write(function* (): Verb<boolean> {
        const rules = toJson(settings satisfies Settings);
        const changes =
          before.updatedAt === 0
            ? yield* change(insertRules, organizationId, rules, updatedAt)
            : yield* change(updateRules, organizationId, rules, updatedAt, before.updatedAt);
        if (changes === 0) return false;
        yield* lastly(...announcePersonalTokensOfOrganization(organizationId, updatedAt), recordAudit(audit));
        return true;
      });
      cache.forget(organizationId);
      return written;
    },
  };
}

function toRules(organizationId: string, { rules, updated_at: updatedAt }: TokenRulesColumns): TokenRules {
  return { organizationId, ...fromJson<Settings>(rules), updatedAt };
}
