/**
 * What a restore does to each table. Whatever ended after the backup was taken is good again in it, and nobody knows which:
 * so everything that opens a door ends (docs/decisions/0047). What people and operators have set up comes back.
 */

/** It comes back as it was. */
type Kept = 'kept';
/** Its rows stay away. */
type Ended = 'ended';

/** Kept rows that open something are ended by `endEverything`. */
export const FATES: Readonly<Record<string, Kept | Ended>> = {
  access_tokens: 'ended',
  agents: 'kept',
  audit_anchors: 'kept',
  audit_chains: 'kept',
  audit_events: 'kept',
  audit_links: 'kept',
  audit_unlinked: 'kept',
  authenticator_apps: 'kept',
  authorization_codes: 'ended',
  blocked_clients: 'kept',
  client_secret_uses: 'kept',
  client_secrets: 'kept',
  client_tokens: 'kept',
  clients: 'kept',
  cluster_nodes: 'ended',
  consents: 'ended',
  device_authorizations: 'ended',
  duty: 'kept',
  duty_acts: 'kept',
  duty_turns: 'kept',
  ended_statuses: 'ended',
  events: 'ended',
  failed_attempts: 'kept',
  grants: 'ended',
  identity_providers: 'kept',
  initial_access_tokens: 'ended',
  invitations: 'ended',
  linked_identities: 'kept',
  logout_notices: 'ended',
  mail_links: 'ended',
  memberships: 'kept',
  organizations: 'kept',
  outbox: 'ended',
  passkeys: 'kept',
  personal_access_tokens: 'kept',
  policies: 'kept',
  policy_changes: 'kept',
  policy_epoch: 'kept',
  policy_versions: 'kept',
  pushed_requests: 'ended',
  recovery_codes: 'kept',
  refresh_families: 'ended',
  refresh_tokens: 'ended',
  refusals: 'kept',
  registrations: 'ended',
  resources: 'kept',
  risk_signals: 'kept',
  sealed_secrets: 'kept',
  session_clients: 'ended',
  sessions: 'ended',
  signing_keys: 'kept',
  status_blocks: 'kept',
  token_rules: 'kept',
  token_uses: 'ended',
  trusted_issuers: 'kept',
  upstream_identities: 'kept',
  usage_counts: 'kept',
  used_identifiers: 'kept',
  users: 'kept',
};

/** Nodes are gone either way; of events only those are taken along that no status list tells of. */
export const NEVER_TAKEN_ALONG: ReadonlySet<string> = new Set(['cluster_nodes']);
