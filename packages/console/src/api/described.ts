// Written by `npm run docs` from the descriptions of the APIs. Not to be edited.

export type AccountDeletion = { readonly current_password?: string };

export type Activities = { readonly items: readonly (Activity)[]; readonly next_cursor?: string };

export type Activity = { readonly id: string; readonly at: number; readonly type: string; readonly outcome: 'success' | 'failure'; readonly reason?: string; readonly by: 'you' | 'app' | 'somebody'; readonly client_id?: string; readonly address?: string };

export type AddedFactor = { readonly id: string; readonly name: string; readonly recovery_codes?: readonly (string)[] };

export type Agent = { readonly client_id: string; readonly client_name: string; readonly purpose: string; readonly owner_id: string; readonly status: 'active' | 'due' | 'stopped'; readonly reason?: string; readonly permissions: readonly ({ readonly resource: string; readonly resource_name: string; readonly scope: string; readonly scopes: readonly ({ readonly name: string; readonly description: string; readonly own_name: boolean })[] })[]; readonly acts_with: readonly (string)[]; readonly token_endpoint_auth_method: string; readonly redirect_uris: readonly (string)[]; readonly secret_hint?: string; readonly review_at: number; readonly confirmed_at: number; readonly stopped_at?: number; readonly stopped_by?: string; readonly created_at: number; readonly updated_at: number };

export type AgentChanges = { readonly client_name?: string; readonly purpose?: string; readonly permissions?: readonly ({ readonly resource: string; readonly scope: string })[]; readonly acts_with?: readonly (string)[] };

export type AgentConfirmation = { readonly review_at?: number };

export type Agents = { readonly items: readonly (Agent)[]; readonly next_cursor?: string };

export type Application = { readonly client_id: string; readonly client_name: string; readonly host?: string; readonly client_uri?: string; readonly logo_uri?: string; readonly registered_by: 'operator' | 'member' | 'built-in' | 'registration' | 'metadata_document'; readonly unverified: boolean; readonly agent: boolean; readonly apis: readonly ({ readonly resource?: string; readonly name?: string; readonly scopes: readonly ({ readonly name: string; readonly description: string })[] })[]; readonly authorization_details?: readonly (Readonly<Record<string, unknown>>)[]; readonly connected_at: number; readonly last_used_at?: number; readonly last_issued_at?: number; readonly ends_at?: number; readonly grants: number; readonly live_tokens: number };

export type ApplicationEvent = { readonly at: number; readonly type: string; readonly outcome: 'success' | 'failure'; readonly resource_id?: string; readonly scope?: string; readonly reason?: string; readonly address?: string };

export type Applications = { readonly items: readonly (Application)[]; readonly next_cursor?: string };

export type Approval = { readonly reason?: string };

export type AuditEvent = { readonly id: string; readonly at: number; readonly type: string; readonly outcome: 'success' | 'failure'; readonly reason?: 'account_disabled' | 'challenge_used' | 'client_disabled' | 'code_reuse' | 'exposed' | 'passkey_copy_suspected' | 'passkey_of_another_person' | 'redirect_uri_removed' | 'refresh_token_reuse' | 'refused_by_user' | 'reset_by_admin' | 'revoked_by_admin' | 'revoked_by_client' | 'revoked_by_holder' | 'revoked_by_owner' | 'too_many_codes' | 'unknown_account' | 'unknown_client' | 'unknown_passkey' | 'unreadable_answer' | 'unused' | 'used_code' | 'wrong_code' | 'wrong_credentials' | 'wrong_passkey' | 'wrong_password' | 'wrong_recovery_code'; readonly actor: string; readonly subject?: string; readonly act?: Readonly<Record<string, unknown>>; readonly organization_id?: string; readonly user_id?: string; readonly client_id?: string; readonly grant_id?: string; readonly resource_id?: string; readonly request_id?: string; readonly address?: string; readonly personal?: Readonly<Record<string, string>>; readonly detail?: Readonly<Record<string, (string) | (number) | (boolean)>> };

export type AuditEvents = { readonly items: readonly (AuditEvent)[]; readonly next_cursor?: string };

export type AuditReport = { readonly intact: boolean; readonly events: number; readonly erased: number; readonly anchors: number; readonly newest_anchor?: string; readonly findings: readonly ({ readonly kind: 'changed' | 'removed' | 'inserted' | 'reordered' | 'cut' | 'anchor'; readonly where: string })[] };

export type AuthenticatorApp = { readonly id: string; readonly type: 'authenticator_app'; readonly name: string; readonly created_at: number; readonly last_used_at?: number };

export type AuthenticatorAppEnrolment = { readonly enrolment: string; readonly secret: string; readonly otpauth_uri: string; readonly qr_code: { readonly size: number; readonly path: string } };

export type BlockedApplication = { readonly client_id: string; readonly client_name?: string; readonly blocked_at: number };

export type CatKey = { readonly kty: 'oct'; readonly k: string; readonly kid: string; readonly alg: 'HS256' };

export type Client = { readonly client_id: string; readonly client_id_issued_at: number; readonly client_name: string; readonly application_type: 'web' | 'native'; readonly redirect_uris: readonly (string)[]; readonly grant_types: readonly ('authorization_code' | 'client_credentials' | 'refresh_token' | 'urn:ietf:params:oauth:grant-type:device_code' | 'urn:ietf:params:oauth:grant-type:token-exchange' | 'urn:ietf:params:oauth:grant-type:jwt-bearer')[]; readonly response_types: readonly (string)[]; readonly token_endpoint_auth_method: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'tls_client_auth' | 'self_signed_tls_client_auth' | 'none'; readonly scope?: string; readonly require_pkce: boolean; readonly client_uri?: string; readonly logo_uri?: string; readonly policy_uri?: string; readonly tos_uri?: string; readonly contacts?: readonly (string)[]; readonly jwks?: { readonly keys: readonly (Readonly<Record<string, unknown>>)[] }; readonly jwks_uri?: string; readonly token_endpoint_auth_signing_alg?: string; readonly tls_client_auth_subject_dn?: string; readonly tls_client_auth_san_dns?: string; readonly tls_client_auth_san_uri?: string; readonly tls_client_auth_san_ip?: string; readonly tls_client_auth_san_email?: string; readonly tls_client_certificate_bound_access_tokens?: boolean; readonly dpop_bound_access_tokens?: boolean; readonly subject_type?: string; readonly sector_identifier_uri?: string; readonly id_token_signed_response_alg?: string; readonly userinfo_signed_response_alg?: string; readonly introspection_signed_response_alg?: string; readonly post_logout_redirect_uris?: readonly (string)[]; readonly backchannel_logout_uri?: string; readonly backchannel_logout_session_required?: boolean; readonly security_profile?: string; readonly software_id?: string; readonly software_version?: string; readonly require_pushed_authorization_requests?: boolean; readonly require_signed_request_object?: boolean; readonly request_object_signing_alg?: string; readonly authorization_signed_response_alg?: string; readonly authorization_details_types?: readonly (string)[]; readonly default_max_age?: number; readonly require_auth_time?: boolean; readonly default_acr_values?: readonly (string)[]; readonly access_token_lifetime?: (number) | ({ readonly min: number; readonly max: number }); readonly organization_id: string; readonly status: 'active' | 'disabled'; readonly registered_by: 'operator' | 'member' | 'built-in' | 'registration' | 'metadata_document'; readonly built_in: boolean; readonly updated_at: number };

export type ClientChanges = { readonly client_name?: string; readonly redirect_uris?: readonly (string)[]; readonly grant_types?: readonly (string)[]; readonly response_types?: readonly (string)[]; readonly token_endpoint_auth_method?: string; readonly application_type?: string; readonly require_pkce?: boolean; readonly scope?: (string) | (null); readonly client_uri?: (string) | (null); readonly logo_uri?: (string) | (null); readonly policy_uri?: (string) | (null); readonly tos_uri?: (string) | (null); readonly contacts?: (readonly (string)[]) | (null); readonly jwks?: ({ readonly keys: readonly (Readonly<Record<string, unknown>>)[] }) | (null); readonly jwks_uri?: (string) | (null); readonly token_endpoint_auth_signing_alg?: (string) | (null); readonly tls_client_auth_subject_dn?: (string) | (null); readonly tls_client_auth_san_dns?: (string) | (null); readonly tls_client_auth_san_uri?: (string) | (null); readonly tls_client_auth_san_ip?: (string) | (null); readonly tls_client_auth_san_email?: (string) | (null); readonly tls_client_certificate_bound_access_tokens?: (boolean) | (null); readonly dpop_bound_access_tokens?: (boolean) | (null); readonly subject_type?: (string) | (null); readonly sector_identifier_uri?: (string) | (null); readonly id_token_signed_response_alg?: (string) | (null); readonly userinfo_signed_response_alg?: (string) | (null); readonly introspection_signed_response_alg?: (string) | (null); readonly post_logout_redirect_uris?: (readonly (string)[]) | (null); readonly backchannel_logout_uri?: (string) | (null); readonly backchannel_logout_session_required?: (boolean) | (null); readonly security_profile?: (string) | (null); readonly software_id?: (string) | (null); readonly software_version?: (string) | (null); readonly require_pushed_authorization_requests?: (boolean) | (null); readonly require_signed_request_object?: (boolean) | (null); readonly request_object_signing_alg?: (string) | (null); readonly authorization_signed_response_alg?: (string) | (null); readonly authorization_details_types?: (readonly (string)[]) | (null); readonly default_max_age?: (number) | (null); readonly require_auth_time?: (boolean) | (null); readonly default_acr_values?: (readonly (string)[]) | (null); readonly access_token_lifetime?: ((number) | ({ readonly min: number; readonly max: number })) | (null); readonly status?: 'active' | 'disabled' };

export type ClientSecret = { readonly id: string; readonly hint: string; readonly created_at: number; readonly expires_at?: number; readonly last_used_at?: number; readonly last_used_from?: string };

export type ClientSecrets = { readonly items: readonly (ClientSecret)[] };

export type ClientToken = { readonly client_token: string; readonly hint: string; readonly created_at: number; readonly last_used_at?: number; readonly previous?: { readonly hint: string; readonly ends_at: number; readonly last_used_at?: number } };

export type ClientTokenReset = { readonly overlap?: number };

export type ClientUsage = { readonly since: number; readonly per: 'minute' | 'hour'; readonly totals: { readonly issued: number; readonly verified: number; readonly refused: number }; readonly times: readonly ({ readonly at: number; readonly issued: number; readonly verified: number; readonly refused: number })[]; readonly refusal_reasons: readonly ({ readonly reason: string; readonly count: number; readonly percent: number })[]; readonly last_refusals: readonly (Refusal)[] };

export type Clients = { readonly items: readonly (Client)[]; readonly next_cursor?: string };

export type Cluster = { readonly nodes: readonly ({ readonly id: string; readonly name: string; readonly version: string; readonly status: 'live' | 'silent' | 'left'; readonly on_duty: boolean; readonly joined_at: number; readonly seen_at: number })[]; readonly duty: { readonly number: number; readonly holder: string; readonly since: number; readonly passes_in?: number }; readonly did: readonly ({ readonly chore: string; readonly count: number; readonly last_at: number; readonly last_number: number })[]; readonly turns: readonly ({ readonly number: number; readonly node_id: string; readonly node_name: string; readonly since: number; readonly how: 'passed' | 'regenerated' })[]; readonly demo_nodes?: readonly ({ readonly name: string; readonly url?: string })[] };

export type ConsoleSession = { readonly person: { readonly id: string; readonly email: string; readonly display_name: string; readonly role: 'admin' | 'member'; readonly organization_id: string }; readonly signed_in_at: number; readonly recent_until: number; readonly ends_at: number; readonly sign_out_token: string };

export type CreatedAgent = { readonly client_id: string; readonly client_name: string; readonly purpose: string; readonly owner_id: string; readonly status: 'active' | 'due' | 'stopped'; readonly reason?: string; readonly permissions: readonly ({ readonly resource: string; readonly resource_name: string; readonly scope: string; readonly scopes: readonly ({ readonly name: string; readonly description: string; readonly own_name: boolean })[] })[]; readonly acts_with: readonly (string)[]; readonly token_endpoint_auth_method: string; readonly redirect_uris: readonly (string)[]; readonly secret_hint?: string; readonly review_at: number; readonly confirmed_at: number; readonly stopped_at?: number; readonly stopped_by?: string; readonly created_at: number; readonly updated_at: number; readonly client_secret?: string };

export type CreatedClient = { readonly client_id: string; readonly client_id_issued_at: number; readonly client_name: string; readonly application_type: 'web' | 'native'; readonly redirect_uris: readonly (string)[]; readonly grant_types: readonly ('authorization_code' | 'client_credentials' | 'refresh_token' | 'urn:ietf:params:oauth:grant-type:device_code' | 'urn:ietf:params:oauth:grant-type:token-exchange' | 'urn:ietf:params:oauth:grant-type:jwt-bearer')[]; readonly response_types: readonly (string)[]; readonly token_endpoint_auth_method: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'tls_client_auth' | 'self_signed_tls_client_auth' | 'none'; readonly scope?: string; readonly require_pkce: boolean; readonly client_uri?: string; readonly logo_uri?: string; readonly policy_uri?: string; readonly tos_uri?: string; readonly contacts?: readonly (string)[]; readonly jwks?: { readonly keys: readonly (Readonly<Record<string, unknown>>)[] }; readonly jwks_uri?: string; readonly token_endpoint_auth_signing_alg?: string; readonly tls_client_auth_subject_dn?: string; readonly tls_client_auth_san_dns?: string; readonly tls_client_auth_san_uri?: string; readonly tls_client_auth_san_ip?: string; readonly tls_client_auth_san_email?: string; readonly tls_client_certificate_bound_access_tokens?: boolean; readonly dpop_bound_access_tokens?: boolean; readonly subject_type?: string; readonly sector_identifier_uri?: string; readonly id_token_signed_response_alg?: string; readonly userinfo_signed_response_alg?: string; readonly introspection_signed_response_alg?: string; readonly post_logout_redirect_uris?: readonly (string)[]; readonly backchannel_logout_uri?: string; readonly backchannel_logout_session_required?: boolean; readonly security_profile?: string; readonly software_id?: string; readonly software_version?: string; readonly require_pushed_authorization_requests?: boolean; readonly require_signed_request_object?: boolean; readonly request_object_signing_alg?: string; readonly authorization_signed_response_alg?: string; readonly authorization_details_types?: readonly (string)[]; readonly default_max_age?: number; readonly require_auth_time?: boolean; readonly default_acr_values?: readonly (string)[]; readonly access_token_lifetime?: (number) | ({ readonly min: number; readonly max: number }); readonly organization_id: string; readonly status: 'active' | 'disabled'; readonly registered_by: 'operator' | 'member' | 'built-in' | 'registration' | 'metadata_document'; readonly built_in: boolean; readonly updated_at: number; readonly client_secret?: string; readonly client_secret_expires_at?: number };

export type CreatedClientSecret = { readonly id: string; readonly hint: string; readonly created_at: number; readonly expires_at?: number; readonly last_used_at?: number; readonly last_used_from?: string; readonly client_secret: string; readonly client_secret_expires_at: number };

export type CreatedInitialAccessToken = { readonly id: string; readonly name: string; readonly hint: string; readonly organization_id: string; readonly max_uses: number; readonly uses: number; readonly created_at: number; readonly expires_at: number; readonly initial_access_token: string };

export type CreatedPersonalAccessToken = { readonly id: string; readonly name: string; readonly description?: string; readonly hint: string; readonly user_id: string; readonly user_name: string; readonly user_email: string; readonly organization_id: string; readonly resource?: string; readonly scopes: readonly (string)[]; readonly status: 'active' | 'pending' | 'expired' | 'revoked'; readonly refused_by?: readonly ('lifetime' | 'never_expires' | 'full_scope' | 'creator' | 'approval')[]; readonly created_at: number; readonly expires_at?: number; readonly last_used?: LastUse; readonly approval_organization_id?: string; readonly decided_at?: number; readonly decided_by?: string; readonly decision_reason?: string; readonly revoked_at?: number; readonly revoked_reason?: string; readonly regenerated_from?: string; readonly regenerated_at?: number; readonly personal_access_token: string };

export type Denial = { readonly reason: string };

export type Disconnection = { readonly grants: number; readonly refresh_tokens: number; readonly access_tokens: number };

export type EffectiveSettings = { readonly settings: readonly ({ readonly name: string; readonly differs: boolean; readonly nodes: readonly ({ readonly node_name: string; readonly value?: string; readonly source: 'default' | 'file' | 'environment' | 'command line' | 'not set' })[] })[] };

export type EmailChange = { readonly email: string; readonly current_password?: string };

export type EndedSessions = { readonly ended: number };

export type FactorKinds = { readonly passkeys: number; readonly authenticator_apps: number; readonly recovery_codes_left: number };

export type Grant = { readonly id: string; readonly user_id: string; readonly client_id: string; readonly organization_id: string; readonly resource_id?: string; readonly resource_ids?: readonly (string)[]; readonly authorization_details?: readonly (Readonly<Record<string, unknown>>)[]; readonly scopes: readonly (string)[]; readonly created_at: number; readonly ended_at?: number; readonly end_reason?: string };

export type Grants = { readonly items: readonly (Grant)[]; readonly next_cursor?: string };

export type History = { readonly items: readonly (ApplicationEvent)[]; readonly next_cursor?: string };

export type IdentityProvider = { readonly id: string; readonly issuer: string; readonly name: string; readonly client_id: string; readonly has_secret: boolean; readonly redirect_uri: string; readonly scopes: readonly (string)[]; readonly create_accounts: boolean; readonly keep_tokens: boolean; readonly token_clients: readonly (string)[]; readonly token_scope?: string; readonly status: 'active' | 'disabled'; readonly created_at: number; readonly updated_at: number };

export type IdentityProviderChanges = { readonly name?: string; readonly client_id?: string; readonly client_secret?: (string) | (null); readonly scopes?: readonly (string)[]; readonly create_accounts?: boolean; readonly keep_tokens?: boolean; readonly token_clients?: readonly (string)[]; readonly token_scope?: (string) | (null); readonly status?: 'active' | 'disabled' };

export type IdentityProviders = { readonly items: readonly (IdentityProvider)[] };

export type InitialAccessToken = { readonly id: string; readonly name: string; readonly hint: string; readonly organization_id: string; readonly max_uses: number; readonly uses: number; readonly created_at: number; readonly expires_at: number };

export type InitialAccessTokens = { readonly items: readonly (InitialAccessToken)[]; readonly next_cursor?: string };

export type Invitation = { readonly id: string; readonly email: string; readonly role: 'owner' | 'admin' | 'developer' | 'member'; readonly invited_by: string; readonly created_at: number; readonly expires_at: number };

export type Invitations = { readonly items: readonly (Invitation)[]; readonly next_cursor?: string };

export type IssuedToken = { readonly token_id: string; readonly client_id: string; readonly user_id?: string; readonly grant_id?: string; readonly resource?: string; readonly scopes: readonly (string)[]; readonly format: 'opaque' | 'jwt' | 'cwt' | 'cat'; readonly issued_at: number; readonly expires_at: number; readonly status: 'live' | 'expired' | 'revoked'; readonly lifetime_reason: string; readonly revoked_at?: number; readonly last_used?: LastUse };

export type IssuedTokens = { readonly items: readonly (IssuedToken)[]; readonly next_cursor?: string };

export type KeyRotation = { readonly alg: 'ES256' | 'RS256' | 'PS256' | 'EdDSA'; readonly immediately?: boolean };

export type LastUse = { readonly at: number; readonly by: string; readonly address?: string; readonly user_agent?: string };

export type MailSent = { readonly expires_in: number };

export type Member = { readonly user_id: string; readonly email: string; readonly display_name: string; readonly role: 'owner' | 'admin' | 'developer' | 'member'; readonly created_at: number; readonly updated_at: number };

export type Members = { readonly items: readonly (Member)[]; readonly next_cursor?: string };

export type NewAgent = { readonly client_name: string; readonly purpose: string; readonly permissions: readonly ({ readonly resource: string; readonly scope: string })[]; readonly acts_with?: readonly (string)[]; readonly review_at?: number; readonly token_endpoint_auth_method?: 'client_secret_basic' | 'private_key_jwt'; readonly jwks?: { readonly keys: readonly (Readonly<Record<string, unknown>>)[] }; readonly jwks_uri?: string; readonly redirect_uris?: readonly (string)[]; readonly application_type?: 'web' | 'native' };

export type NewAuthenticatorApp = { readonly enrolment: string; readonly code: string; readonly name?: string };

export type NewClient = { readonly client_name: string; readonly redirect_uris?: readonly (string)[]; readonly grant_types?: readonly (string)[]; readonly response_types?: readonly (string)[]; readonly token_endpoint_auth_method?: string; readonly application_type?: string; readonly require_pkce?: boolean; readonly scope?: string; readonly client_uri?: string; readonly logo_uri?: string; readonly policy_uri?: string; readonly tos_uri?: string; readonly contacts?: readonly (string)[]; readonly jwks?: { readonly keys: readonly (Readonly<Record<string, unknown>>)[] }; readonly jwks_uri?: string; readonly token_endpoint_auth_signing_alg?: string; readonly tls_client_auth_subject_dn?: string; readonly tls_client_auth_san_dns?: string; readonly tls_client_auth_san_uri?: string; readonly tls_client_auth_san_ip?: string; readonly tls_client_auth_san_email?: string; readonly tls_client_certificate_bound_access_tokens?: boolean; readonly dpop_bound_access_tokens?: boolean; readonly subject_type?: string; readonly sector_identifier_uri?: string; readonly id_token_signed_response_alg?: string; readonly userinfo_signed_response_alg?: string; readonly introspection_signed_response_alg?: string; readonly post_logout_redirect_uris?: readonly (string)[]; readonly backchannel_logout_uri?: string; readonly backchannel_logout_session_required?: boolean; readonly security_profile?: string; readonly software_id?: string; readonly software_version?: string; readonly require_pushed_authorization_requests?: boolean; readonly require_signed_request_object?: boolean; readonly request_object_signing_alg?: string; readonly authorization_signed_response_alg?: string; readonly authorization_details_types?: readonly (string)[]; readonly default_max_age?: number; readonly require_auth_time?: boolean; readonly default_acr_values?: readonly (string)[]; readonly access_token_lifetime?: (number) | ({ readonly min: number; readonly max: number }); readonly client_id?: string; readonly organization_id?: string };

export type NewClientSecret = { readonly expires_at?: number };

export type NewIdentityProvider = { readonly issuer: string; readonly name: string; readonly client_id: string; readonly client_secret?: string; readonly scopes?: readonly (string)[]; readonly create_accounts?: boolean; readonly keep_tokens?: boolean; readonly token_clients?: readonly (string)[]; readonly token_scope?: string };

export type NewInitialAccessToken = { readonly name: string; readonly max_uses?: number; readonly expires_at?: number };

export type NewInvitation = { readonly email: string; readonly role: 'owner' | 'admin' | 'developer' | 'member'; readonly expires_in?: number };

export type NewMember = { readonly user_id: string; readonly role: 'owner' | 'admin' | 'developer' | 'member' };

export type NewPasskey = { readonly enrolment: string; readonly credential: Readonly<Record<string, unknown>>; readonly name?: string };

export type NewPersonalAccessToken = { readonly name: string; readonly description?: string; readonly resource?: string; readonly organization_id?: string; readonly scopes: readonly (string)[]; readonly expires_at?: number; readonly never_expires?: true };

export type NewPolicy = { readonly name: string; readonly description?: string; readonly organization_id?: string; readonly server_wide?: boolean; readonly mode?: 'enforce' | 'report_only' | 'off'; readonly conditions?: { readonly client?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly resource?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly scope?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly user?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly membership?: { readonly any_of?: readonly ({ readonly organization_id: string; readonly roles?: readonly ('owner' | 'admin' | 'developer' | 'member')[] })[]; readonly none_of?: readonly ({ readonly organization_id: string; readonly roles?: readonly ('owner' | 'admin' | 'developer' | 'member')[] })[] }; readonly network?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly acr?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly amr?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly sign_in_age?: { readonly at_least?: number; readonly below?: number }; readonly binding?: { readonly any_of?: readonly ('dpop' | 'mtls' | 'none')[]; readonly none_of?: readonly ('dpop' | 'mtls' | 'none')[] }; readonly risk?: { readonly at_least: 'low' | 'medium' | 'high' } }; readonly outcome: ({ readonly kind: 'block' }) | ({ readonly kind: 'step_up'; readonly acr?: string; readonly max_age?: number }) | ({ readonly kind: 'require_consent' }) | ({ readonly kind: 'shorten_lifetime'; readonly seconds: number }) | ({ readonly kind: 'lengthen_lifetime'; readonly seconds: number }) };

export type NewResource = { readonly identifier: string; readonly name: string; readonly scopes?: readonly ({ readonly name: string; readonly description: string })[]; readonly default_scopes?: readonly (string)[]; readonly authorization_details_types?: readonly ({ readonly type: string; readonly description: string; readonly members: Readonly<Record<string, { readonly type: 'string' | 'integer' | 'boolean' | 'strings'; readonly required?: boolean; readonly values?: readonly (string)[]; readonly minimum?: number; readonly maximum?: number; readonly max_length?: number }>> })[]; readonly token_format?: 'opaque' | 'jwt' | 'cwt' | 'cat'; readonly access_token_lifetime?: (number) | ({ readonly min: number; readonly max: number }); readonly signing_alg?: 'ES256' | 'RS256' | 'PS256' | 'EdDSA' | 'HS256'; readonly default?: boolean; readonly allow_url_clients?: boolean; readonly client_token_scopes?: readonly (string)[]; readonly resource_servers?: readonly (string)[]; readonly token_exchange_clients?: readonly (string)[]; readonly organization_id?: string };

export type NewRiskSignal = { readonly level: 'low' | 'medium' | 'high'; readonly reason?: string; readonly expires_in?: number };

export type NewTrustedIssuer = { readonly issuer: string; readonly kind: 'workload' | 'identity_provider'; readonly name: string; readonly jwks?: { readonly keys: readonly (Readonly<Record<string, unknown>>)[] }; readonly jwks_uri?: string; readonly audiences?: readonly (string)[]; readonly max_lifetime?: number; readonly rules?: readonly ({ readonly claims: Readonly<Record<string, string>>; readonly client_id: string; readonly scopes: readonly (string)[]; readonly resources: readonly (string)[] })[]; readonly email_domains?: readonly (string)[] };

export type NewUser = { readonly email: string; readonly display_name: string; readonly password?: string; readonly email_verified?: boolean; readonly send_link?: boolean; readonly role?: 'admin' | 'member'; readonly claims?: StandardClaims };

export type Organization = { readonly id: string; readonly name: string; readonly kind: 'default' | 'personal' | 'team'; readonly role?: 'owner' | 'admin' | 'developer' | 'member'; readonly access_token_lifetime?: (number) | ({ readonly min: number; readonly max: number }); readonly may: readonly ('organization.read' | 'organization.update' | 'organization.delete' | 'member.read' | 'member.manage' | 'owner.manage' | 'invitation.read' | 'invitation.manage' | 'client.read' | 'client.manage' | 'resource.read' | 'resource.manage' | 'grant.read' | 'grant.manage' | 'token.read' | 'token.manage' | 'refusal.read' | 'audit.read' | 'token_rules.read' | 'token_rules.manage' | 'policy.read' | 'policy.manage' | 'personal_access_token.read' | 'personal_access_token.manage' | 'agent.read' | 'agent.manage')[]; readonly created_at: number };

export type OrganizationChanges = { readonly name?: string; readonly access_token_lifetime?: ((number) | ({ readonly min: number; readonly max: number })) | (null) };

export type OrganizationMembers = { readonly name: string };

export type Organizations = { readonly items: readonly (Organization)[]; readonly next_cursor?: string };

export type Overview = { readonly since: number; readonly per: 'minute' | 'hour'; readonly totals: { readonly issued: number; readonly verified: number; readonly refused: number }; readonly times: readonly ({ readonly at: number; readonly issued: number; readonly verified: number; readonly refused: number })[]; readonly refusal_reasons: readonly ({ readonly reason: string; readonly count: number; readonly percent: number })[]; readonly needs_you: readonly ({ readonly kind: 'key_due' | 'registration' | 'token_pending'; readonly id: string; readonly at: number })[] };

export type OwnOrganizations = { readonly items: readonly (Organization)[] };

export type Passkey = { readonly id: string; readonly type: 'passkey'; readonly name: string; readonly synced: boolean; readonly created_at: number; readonly last_used_at?: number };

export type PasskeyEnrolment = { readonly enrolment: string; readonly public_key: Readonly<Record<string, unknown>> };

export type Passkeys = { readonly items: readonly (Passkey)[] };

export type PasswordChange = { readonly current_password?: string; readonly new_password: string; readonly end_personal_access_tokens?: boolean };

export type PastedToken = { readonly token: string };

export type PersonalAccessToken = { readonly id: string; readonly name: string; readonly description?: string; readonly hint: string; readonly user_id: string; readonly user_name: string; readonly user_email: string; readonly organization_id: string; readonly resource?: string; readonly scopes: readonly (string)[]; readonly status: 'active' | 'pending' | 'expired' | 'revoked'; readonly refused_by?: readonly ('lifetime' | 'never_expires' | 'full_scope' | 'creator' | 'approval')[]; readonly created_at: number; readonly expires_at?: number; readonly last_used?: LastUse; readonly approval_organization_id?: string; readonly decided_at?: number; readonly decided_by?: string; readonly decision_reason?: string; readonly revoked_at?: number; readonly revoked_reason?: string; readonly regenerated_from?: string; readonly regenerated_at?: number };

export type PersonalAccessTokenChanges = { readonly name?: string; readonly description?: string; readonly scopes?: readonly (string)[]; readonly expires_at?: number; readonly never_expires?: true };

export type PersonalAccessTokenIds = { readonly ids: readonly (string)[] };

export type PersonalAccessTokenOption = { readonly resource: string; readonly name: string; readonly is_default: boolean; readonly organization_id: string; readonly scopes: readonly ({ readonly name: string; readonly description: string })[]; readonly max_lifetime: number; readonly allow_never_expiring: boolean; readonly allow_full_scope: boolean; readonly may_create: boolean; readonly approval_required: boolean };

export type PersonalAccessTokenOptions = { readonly items: readonly (PersonalAccessTokenOption)[] };

export type PersonalAccessTokenRegeneration = { readonly expires_at?: number; readonly overlap?: number };

export type PersonalAccessTokens = { readonly items: readonly (PersonalAccessToken)[]; readonly next_cursor?: string };

export type Policies = { readonly items: readonly (Policy)[]; readonly next_cursor?: string };

export type Policy = { readonly id: string; readonly name: string; readonly description?: string; readonly organization_id: string; readonly server_wide: boolean; readonly mode: 'enforce' | 'report_only' | 'off'; readonly conditions: Readonly<Record<string, unknown>>; readonly outcome: Readonly<Record<string, unknown>>; readonly version: number; readonly created_at: number; readonly updated_at: number };

export type PolicyAnswer = { readonly decision: 'allow' | 'block' | 'step_up' | 'consent'; readonly acr_values?: readonly (string)[]; readonly max_age?: number; readonly shorten_to?: number; readonly lengthen_to?: number; readonly policies: readonly ({ readonly id: string; readonly name: string; readonly mode: 'enforce' | 'report_only' | 'off'; readonly concerns: boolean; readonly applies: boolean; readonly does: string; readonly why: string; readonly conditions: readonly ({ readonly name: string; readonly result: 'met' | 'not_met' | 'failed'; readonly expected: string; readonly got: string })[] })[] };

export type PolicyChanges = { readonly name?: string; readonly description?: (string) | (null); readonly mode?: 'enforce' | 'report_only' | 'off'; readonly conditions?: { readonly client?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly resource?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly scope?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly user?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly membership?: { readonly any_of?: readonly ({ readonly organization_id: string; readonly roles?: readonly ('owner' | 'admin' | 'developer' | 'member')[] })[]; readonly none_of?: readonly ({ readonly organization_id: string; readonly roles?: readonly ('owner' | 'admin' | 'developer' | 'member')[] })[] }; readonly network?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly acr?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly amr?: { readonly any_of?: readonly (string)[]; readonly none_of?: readonly (string)[] }; readonly sign_in_age?: { readonly at_least?: number; readonly below?: number }; readonly binding?: { readonly any_of?: readonly ('dpop' | 'mtls' | 'none')[]; readonly none_of?: readonly ('dpop' | 'mtls' | 'none')[] }; readonly risk?: { readonly at_least: 'low' | 'medium' | 'high' } }; readonly outcome?: ({ readonly kind: 'block' }) | ({ readonly kind: 'step_up'; readonly acr?: string; readonly max_age?: number }) | ({ readonly kind: 'require_consent' }) | ({ readonly kind: 'shorten_lifetime'; readonly seconds: number }) | ({ readonly kind: 'lengthen_lifetime'; readonly seconds: number }) };

export type PolicyHistory = { readonly items: readonly (PolicyVersion)[]; readonly next_cursor?: string };

export type PolicyQuestion = { readonly client_id?: string; readonly resource?: string; readonly scope?: string; readonly user_id?: string; readonly network?: string; readonly acr?: 'urn:tessera:acr:mfa' | 'urn:tessera:acr:pwd'; readonly amr?: readonly (string)[]; readonly auth_age?: number; readonly binding?: 'dpop' | 'mtls' | 'none'; readonly risk?: 'none' | 'low' | 'medium' | 'high'; readonly organization_id?: string };

export type PolicyVersion = { readonly version: number; readonly what: 'created' | 'updated' | 'deleted'; readonly at: number; readonly by: string; readonly policy: Policy };

export type Profile = { readonly id: string; readonly email: string; readonly email_verified: boolean; readonly display_name: string; readonly role: 'admin' | 'member'; readonly organization_id: string; readonly has_password: boolean; readonly claims: StandardClaims; readonly created_at: number };

export type ProfileChanges = { readonly display_name?: string; readonly claims?: StandardClaims };

export type RecoveryCodes = { readonly recovery_codes: readonly (string)[] };

export type Refusal = { readonly request_id: string; readonly at: number; readonly method: string; readonly path: string; readonly status: number; readonly error: string; readonly description: string; readonly detail?: string; readonly client_id?: string; readonly user_id?: string; readonly token_id?: string; readonly address: string; readonly redirect_uri?: string };

export type Refusals = { readonly items: readonly (Refusal)[]; readonly next_cursor?: string };

export type RegeneratedPersonalAccessToken = { readonly id: string; readonly name: string; readonly description?: string; readonly hint: string; readonly user_id: string; readonly user_name: string; readonly user_email: string; readonly organization_id: string; readonly resource?: string; readonly scopes: readonly (string)[]; readonly status: 'active' | 'pending' | 'expired' | 'revoked'; readonly refused_by?: readonly ('lifetime' | 'never_expires' | 'full_scope' | 'creator' | 'approval')[]; readonly created_at: number; readonly expires_at?: number; readonly last_used?: LastUse; readonly approval_organization_id?: string; readonly decided_at?: number; readonly decided_by?: string; readonly decision_reason?: string; readonly revoked_at?: number; readonly revoked_reason?: string; readonly regenerated_from?: string; readonly regenerated_at?: number; readonly personal_access_token: string; readonly replaced: ReplacedPersonalAccessToken };

export type ReplacedPersonalAccessToken = { readonly id: string; readonly name: string; readonly description?: string; readonly hint: string; readonly user_id: string; readonly user_name: string; readonly user_email: string; readonly organization_id: string; readonly resource?: string; readonly scopes: readonly (string)[]; readonly status: 'active' | 'pending' | 'expired' | 'revoked'; readonly refused_by?: readonly ('lifetime' | 'never_expires' | 'full_scope' | 'creator' | 'approval')[]; readonly created_at: number; readonly expires_at?: number; readonly last_used?: LastUse; readonly approval_organization_id?: string; readonly decided_at?: number; readonly decided_by?: string; readonly decision_reason?: string; readonly revoked_at?: number; readonly revoked_reason?: string; readonly regenerated_from?: string; readonly regenerated_at?: number };

export type Resource = { readonly id: string; readonly identifier: string; readonly name: string; readonly scopes: readonly ({ readonly name: string; readonly description: string })[]; readonly default_scopes: readonly (string)[]; readonly authorization_details_types?: readonly ({ readonly type: string; readonly description: string; readonly members: Readonly<Record<string, { readonly type: 'string' | 'integer' | 'boolean' | 'strings'; readonly required?: boolean; readonly values?: readonly (string)[]; readonly minimum?: number; readonly maximum?: number; readonly max_length?: number }>> })[]; readonly token_format: 'opaque' | 'jwt' | 'cwt' | 'cat'; readonly access_token_lifetime?: (number) | ({ readonly min: number; readonly max: number }); readonly signing_alg: 'ES256' | 'RS256' | 'PS256' | 'EdDSA' | 'HS256'; readonly default: boolean; readonly allow_url_clients: boolean; readonly client_token_scopes: readonly (string)[]; readonly resource_servers: readonly (string)[]; readonly token_exchange_clients: readonly (string)[]; readonly organization_id: string; readonly built_in: boolean; readonly created_at: number; readonly updated_at: number };

export type ResourceChanges = { readonly name?: string; readonly scopes?: readonly ({ readonly name: string; readonly description: string })[]; readonly default_scopes?: readonly (string)[]; readonly authorization_details_types?: readonly ({ readonly type: string; readonly description: string; readonly members: Readonly<Record<string, { readonly type: 'string' | 'integer' | 'boolean' | 'strings'; readonly required?: boolean; readonly values?: readonly (string)[]; readonly minimum?: number; readonly maximum?: number; readonly max_length?: number }>> })[]; readonly token_format?: 'opaque' | 'jwt' | 'cwt' | 'cat'; readonly access_token_lifetime?: ((number) | ({ readonly min: number; readonly max: number })) | (null); readonly signing_alg?: 'ES256' | 'RS256' | 'PS256' | 'EdDSA' | 'HS256'; readonly default?: boolean; readonly allow_url_clients?: boolean; readonly client_token_scopes?: readonly (string)[]; readonly resource_servers?: readonly (string)[]; readonly token_exchange_clients?: readonly (string)[] };

export type Resources = { readonly items: readonly (Resource)[]; readonly next_cursor?: string };

export type RevokedPersonalAccessTokens = { readonly items: readonly (PersonalAccessToken)[] };

export type RiskSignal = { readonly id: string; readonly level: 'low' | 'medium' | 'high'; readonly reason?: string; readonly created_by: string; readonly created_at: number; readonly expires_at: number };

export type RiskSignals = { readonly items: readonly (RiskSignal)[] };

export type RoleChange = { readonly role: 'owner' | 'admin' | 'developer' | 'member' };

export type SecondFactors = { readonly items: readonly ((Passkey) | (AuthenticatorApp))[]; readonly recovery_codes_left: number; readonly required: boolean };

export type Session = { readonly id: string; readonly current: boolean; readonly signed_in_at: number; readonly last_seen_at: number; readonly ends_at: number; readonly latest_end_at: number; readonly methods: readonly (string)[]; readonly user_agent?: string; readonly address?: string };

export type Sessions = { readonly items: readonly (Session)[] };

export type SigningKey = { readonly kid: string; readonly alg: 'ES256' | 'RS256' | 'PS256' | 'EdDSA'; readonly state: 'next' | 'active' | 'retiring'; readonly created_at: number; readonly active_from: number; readonly retires_at?: number; readonly public_jwk: Readonly<Record<string, string>> };

export type SigningKeys = { readonly items: readonly (SigningKey)[] };

export type StandardClaims = { readonly given_name?: string; readonly family_name?: string; readonly middle_name?: string; readonly nickname?: string; readonly preferred_username?: string; readonly profile?: string; readonly picture?: string; readonly website?: string; readonly gender?: string; readonly birthdate?: string; readonly zoneinfo?: string; readonly locale?: string; readonly phone_number?: string; readonly phone_number_verified?: boolean; readonly address?: { readonly formatted?: string; readonly street_address?: string; readonly locality?: string; readonly region?: string; readonly postal_code?: string; readonly country?: string } };

export type TokenBackground = { readonly client_name?: string; readonly user_email?: string; readonly granted_at?: number; readonly grant_ended_at?: number; readonly grant_end_reason?: string; readonly resource_name?: string; readonly audience: readonly (string)[]; readonly lifetime: number; readonly lifetime_rule: string; readonly uses: string };

export type TokenCheck = { readonly check: string; readonly result: 'passed' | 'failed' | 'skipped'; readonly expected?: string; readonly got?: string; readonly fix?: string };

export type TokenExplanation = { readonly format: 'opaque' | 'jwt' | 'cwt' | 'cat' | 'unknown'; readonly good: boolean; readonly checks: readonly (TokenCheck)[]; readonly kept?: IssuedToken; readonly background?: TokenBackground; readonly personal_access_token?: PersonalAccessToken; readonly refusals?: readonly (Refusal)[] };

export type TokenQuestion = { readonly token: string; readonly audience?: string; readonly scope?: string };

export type TokenRuleChanges = { readonly max_lifetime?: number; readonly allow_never_expiring?: boolean; readonly allow_full_scope?: boolean; readonly who_may_create?: 'everyone' | 'developers' | 'admins' | 'nobody'; readonly approval_required?: boolean; readonly exempt_user_ids?: readonly (string)[] };

export type TokenRules = { readonly organization_id: string; readonly max_lifetime: number; readonly allow_never_expiring: boolean; readonly allow_full_scope: boolean; readonly who_may_create: 'everyone' | 'developers' | 'admins' | 'nobody'; readonly approval_required: boolean; readonly exempt_user_ids: readonly (string)[]; readonly updated_at?: number };

export type TrustedIssuer = { readonly id: string; readonly issuer: string; readonly kind: 'workload' | 'identity_provider'; readonly name: string; readonly status: 'active' | 'disabled'; readonly jwks?: { readonly keys: readonly (Readonly<Record<string, unknown>>)[] }; readonly jwks_uri?: string; readonly audiences?: readonly (string)[]; readonly max_lifetime: number; readonly rules: readonly ({ readonly claims: Readonly<Record<string, string>>; readonly client_id: string; readonly scopes: readonly (string)[]; readonly resources: readonly (string)[] })[]; readonly email_domains?: readonly (string)[]; readonly organization_id: string; readonly created_at: number; readonly updated_at: number };

export type TrustedIssuerChanges = { readonly name?: string; readonly jwks?: ({ readonly keys: readonly (Readonly<Record<string, unknown>>)[] }) | (null); readonly jwks_uri?: (string) | (null); readonly audiences?: (readonly (string)[]) | (null); readonly max_lifetime?: number; readonly rules?: readonly ({ readonly claims: Readonly<Record<string, string>>; readonly client_id: string; readonly scopes: readonly (string)[]; readonly resources: readonly (string)[] })[]; readonly email_domains?: (readonly (string)[]) | (null); readonly status?: 'active' | 'disabled' };

export type TrustedIssuers = { readonly items: readonly (TrustedIssuer)[]; readonly next_cursor?: string };

export type User = { readonly id: string; readonly email: string; readonly email_verified: boolean; readonly display_name: string; readonly role: 'admin' | 'member'; readonly status: 'active' | 'disabled'; readonly organization_id: string; readonly has_password: boolean; readonly claims: StandardClaims; readonly created_at: number; readonly updated_at: number };

export type UserChanges = { readonly email?: string; readonly display_name?: string; readonly password?: string; readonly email_verified?: boolean; readonly role?: 'admin' | 'member'; readonly status?: 'active' | 'disabled'; readonly claims?: StandardClaims };

export type Users = { readonly items: readonly (User)[]; readonly next_cursor?: string };

/** Method and path → what it takes and gives. */
export interface Operations {
  'GET /admin/v1/users': {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: Users;
  };
  'POST /admin/v1/users': {
    path: undefined;
    query: undefined;
    body: NewUser;
    answer: User;
  };
  'GET /admin/v1/users/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: User;
  };
  'PATCH /admin/v1/users/{id}': {
    path: { id: string };
    query: undefined;
    body: UserChanges;
    answer: User;
  };
  'DELETE /admin/v1/users/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'POST /admin/v1/users/{id}/password-link': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: MailSent;
  };
  'GET /admin/v1/users/{id}/second-factors': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: FactorKinds;
  };
  'DELETE /admin/v1/users/{id}/second-factors': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/organizations': {
    path: undefined;
    query: { limit?: number; cursor?: string; kind?: 'default' | 'personal' | 'team' };
    body: undefined;
    answer: Organizations;
  };
  'POST /admin/v1/organizations': {
    path: undefined;
    query: undefined;
    body: OrganizationMembers;
    answer: Organization;
  };
  'GET /admin/v1/organizations/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Organization;
  };
  'PATCH /admin/v1/organizations/{id}': {
    path: { id: string };
    query: undefined;
    body: OrganizationChanges;
    answer: Organization;
  };
  'DELETE /admin/v1/organizations/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/organizations/{id}/members': {
    path: { id: string };
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: Members;
  };
  'POST /admin/v1/organizations/{id}/members': {
    path: { id: string };
    query: undefined;
    body: NewMember;
    answer: Member;
  };
  'GET /admin/v1/organizations/{id}/members/{user_id}': {
    path: { id: string; user_id: string };
    query: undefined;
    body: undefined;
    answer: Member;
  };
  'PATCH /admin/v1/organizations/{id}/members/{user_id}': {
    path: { id: string; user_id: string };
    query: undefined;
    body: RoleChange;
    answer: Member;
  };
  'DELETE /admin/v1/organizations/{id}/members/{user_id}': {
    path: { id: string; user_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/organizations/{id}/invitations': {
    path: { id: string };
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: Invitations;
  };
  'POST /admin/v1/organizations/{id}/invitations': {
    path: { id: string };
    query: undefined;
    body: NewInvitation;
    answer: Invitation;
  };
  'DELETE /admin/v1/organizations/{id}/invitations/{invitation_id}': {
    path: { id: string; invitation_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/clients': {
    path: undefined;
    query: { limit?: number; cursor?: string; organization_id?: string };
    body: undefined;
    answer: Clients;
  };
  'POST /admin/v1/clients': {
    path: undefined;
    query: undefined;
    body: NewClient;
    answer: CreatedClient;
  };
  'GET /admin/v1/clients/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Client;
  };
  'PATCH /admin/v1/clients/{id}': {
    path: { id: string };
    query: undefined;
    body: ClientChanges;
    answer: Client;
  };
  'DELETE /admin/v1/clients/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/clients/{id}/secrets': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: ClientSecrets;
  };
  'POST /admin/v1/clients/{id}/secrets': {
    path: { id: string };
    query: undefined;
    body: NewClientSecret;
    answer: CreatedClientSecret;
  };
  'DELETE /admin/v1/clients/{id}/secrets/{secret_id}': {
    path: { id: string; secret_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/agents': {
    path: undefined;
    query: { limit?: number; cursor?: string; owner_id?: string };
    body: undefined;
    answer: Agents;
  };
  'GET /admin/v1/agents/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Agent;
  };
  'POST /admin/v1/agents/{id}/stop': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Agent;
  };
  'POST /admin/v1/agents/{id}/resume': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Agent;
  };
  'GET /admin/v1/clients/{id}/client-token': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: ClientToken;
  };
  'POST /admin/v1/clients/{id}/client-token': {
    path: { id: string };
    query: undefined;
    body: ClientTokenReset;
    answer: ClientToken;
  };
  'DELETE /admin/v1/clients/{id}/client-token': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/initial-access-tokens': {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: InitialAccessTokens;
  };
  'POST /admin/v1/initial-access-tokens': {
    path: undefined;
    query: undefined;
    body: NewInitialAccessToken;
    answer: CreatedInitialAccessToken;
  };
  'DELETE /admin/v1/initial-access-tokens/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/resources': {
    path: undefined;
    query: { limit?: number; cursor?: string; organization_id?: string };
    body: undefined;
    answer: Resources;
  };
  'POST /admin/v1/resources': {
    path: undefined;
    query: undefined;
    body: NewResource;
    answer: Resource;
  };
  'GET /admin/v1/resources/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Resource;
  };
  'PATCH /admin/v1/resources/{id}': {
    path: { id: string };
    query: undefined;
    body: ResourceChanges;
    answer: Resource;
  };
  'DELETE /admin/v1/resources/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'POST /admin/v1/resources/{id}/cat-key': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: CatKey;
  };
  'GET /admin/v1/trusted-issuers': {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: TrustedIssuers;
  };
  'POST /admin/v1/trusted-issuers': {
    path: undefined;
    query: undefined;
    body: NewTrustedIssuer;
    answer: TrustedIssuer;
  };
  'GET /admin/v1/trusted-issuers/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: TrustedIssuer;
  };
  'PATCH /admin/v1/trusted-issuers/{id}': {
    path: { id: string };
    query: undefined;
    body: TrustedIssuerChanges;
    answer: TrustedIssuer;
  };
  'DELETE /admin/v1/trusted-issuers/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/identity-providers': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: IdentityProviders;
  };
  'POST /admin/v1/identity-providers': {
    path: undefined;
    query: undefined;
    body: NewIdentityProvider;
    answer: IdentityProvider;
  };
  'GET /admin/v1/identity-providers/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: IdentityProvider;
  };
  'PATCH /admin/v1/identity-providers/{id}': {
    path: { id: string };
    query: undefined;
    body: IdentityProviderChanges;
    answer: IdentityProvider;
  };
  'DELETE /admin/v1/identity-providers/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/keys': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: SigningKeys;
  };
  'POST /admin/v1/keys/rotate': {
    path: undefined;
    query: undefined;
    body: KeyRotation;
    answer: SigningKey;
  };
  'DELETE /admin/v1/keys/{kid}': {
    path: { kid: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'POST /admin/v1/keys/{kid}/revoke': {
    path: { kid: string };
    query: undefined;
    body: undefined;
    answer: SigningKey;
  };
  'GET /admin/v1/tokens': {
    path: undefined;
    query: { limit?: number; cursor?: string; organization_id?: string; client_id?: string; user_id?: string; live?: boolean };
    body: undefined;
    answer: IssuedTokens;
  };
  'GET /admin/v1/tokens/{token_id}': {
    path: { token_id: string };
    query: undefined;
    body: undefined;
    answer: IssuedToken;
  };
  'POST /admin/v1/tokens/{token_id}/revoke': {
    path: { token_id: string };
    query: undefined;
    body: undefined;
    answer: IssuedToken;
  };
  'POST /admin/v1/tokens/revoke': {
    path: undefined;
    query: undefined;
    body: PastedToken;
    answer: IssuedToken;
  };
  'POST /admin/v1/tokens/explain': {
    path: undefined;
    query: undefined;
    body: TokenQuestion;
    answer: TokenExplanation;
  };
  'GET /admin/v1/personal-access-tokens': {
    path: undefined;
    query: { limit?: number; cursor?: string; status?: 'active' | 'pending' | 'expired' | 'revoked'; resource?: string; user_id?: string; organization_id?: string };
    body: undefined;
    answer: PersonalAccessTokens;
  };
  'GET /admin/v1/personal-access-tokens/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: PersonalAccessToken;
  };
  'POST /admin/v1/personal-access-tokens/{id}/revoke': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: PersonalAccessToken;
  };
  'POST /admin/v1/personal-access-tokens/revoke': {
    path: undefined;
    query: undefined;
    body: PersonalAccessTokenIds;
    answer: RevokedPersonalAccessTokens;
  };
  'POST /admin/v1/personal-access-tokens/{id}/approve': {
    path: { id: string };
    query: undefined;
    body: Approval;
    answer: PersonalAccessToken;
  };
  'POST /admin/v1/personal-access-tokens/{id}/deny': {
    path: { id: string };
    query: undefined;
    body: Denial;
    answer: PersonalAccessToken;
  };
  'GET /admin/v1/organizations/{id}/token-rules': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: TokenRules;
  };
  'PATCH /admin/v1/organizations/{id}/token-rules': {
    path: { id: string };
    query: undefined;
    body: TokenRuleChanges;
    answer: TokenRules;
  };
  'GET /admin/v1/policies': {
    path: undefined;
    query: { limit?: number; cursor?: string; organization_id?: string };
    body: undefined;
    answer: Policies;
  };
  'POST /admin/v1/policies': {
    path: undefined;
    query: undefined;
    body: NewPolicy;
    answer: Policy;
  };
  'GET /admin/v1/policies/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Policy;
  };
  'PATCH /admin/v1/policies/{id}': {
    path: { id: string };
    query: undefined;
    body: PolicyChanges;
    answer: Policy;
  };
  'DELETE /admin/v1/policies/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/policies/{id}/history': {
    path: { id: string };
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: PolicyHistory;
  };
  'POST /admin/v1/policies/dry-run': {
    path: undefined;
    query: undefined;
    body: PolicyQuestion;
    answer: PolicyAnswer;
  };
  'GET /admin/v1/users/{id}/risk-signals': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: RiskSignals;
  };
  'POST /admin/v1/users/{id}/risk-signals': {
    path: { id: string };
    query: undefined;
    body: NewRiskSignal;
    answer: RiskSignal;
  };
  'DELETE /admin/v1/users/{id}/risk-signals/{signal}': {
    path: { id: string; signal: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/grants': {
    path: undefined;
    query: { limit?: number; cursor?: string; organization_id?: string; client_id?: string; user_id?: string };
    body: undefined;
    answer: Grants;
  };
  'DELETE /admin/v1/grants/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/audit-events': {
    path: undefined;
    query: { limit?: number; cursor?: string; type?: string; outcome?: 'success' | 'failure'; actor?: string; subject?: string; client_id?: string; user_id?: string; organization_id?: string; since?: number; until?: number };
    body: undefined;
    answer: AuditEvents;
  };
  'GET /admin/v1/audit-events/export': {
    path: undefined;
    query: { type?: string; outcome?: 'success' | 'failure'; actor?: string; subject?: string; client_id?: string; user_id?: string; organization_id?: string; since?: number; until?: number; format?: 'csv' | 'jsonl' };
    body: undefined;
    answer: undefined;
  };
  'POST /admin/v1/audit-events/verify': {
    path: undefined;
    query: undefined;
    body: { readonly anchor?: string };
    answer: AuditReport;
  };
  'GET /admin/v1/overview': {
    path: undefined;
    query: { per?: 'minute' | 'hour'; organization_id?: string };
    body: undefined;
    answer: Overview;
  };
  'GET /admin/v1/clients/{id}/usage': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: ClientUsage;
  };
  'GET /admin/v1/refusals': {
    path: undefined;
    query: { limit?: number; cursor?: string; organization_id?: string; request_id?: string; client_id?: string; token_id?: string };
    body: undefined;
    answer: Refusals;
  };
  'GET /admin/v1/cluster/settings': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: EffectiveSettings;
  };
  'POST /admin/v1/cluster/demo-nodes/{name}/stop': {
    path: { name: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'POST /admin/v1/cluster/demo-nodes/{name}/start': {
    path: { name: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /admin/v1/cluster': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: Cluster;
  };
  'GET /account/v1/profile': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: Profile;
  };
  'PATCH /account/v1/profile': {
    path: undefined;
    query: undefined;
    body: ProfileChanges;
    answer: Profile;
  };
  'GET /account/v1/organizations': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: OwnOrganizations;
  };
  'DELETE /account/v1/organizations/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'POST /account/v1/email': {
    path: undefined;
    query: undefined;
    body: EmailChange;
    answer: MailSent;
  };
  'POST /account/v1/email/verification': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: MailSent | undefined;
  };
  'POST /account/v1/password': {
    path: undefined;
    query: undefined;
    body: PasswordChange;
    answer: undefined;
  };
  'GET /account/v1/sessions': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: Sessions;
  };
  'DELETE /account/v1/sessions': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: EndedSessions;
  };
  'DELETE /account/v1/sessions/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'POST /account/v1/deletion': {
    path: undefined;
    query: undefined;
    body: AccountDeletion;
    answer: undefined;
  };
  'GET /account/v1/session': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: ConsoleSession;
  };
  'GET /account/v1/applications': {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: Applications;
  };
  'GET /account/v1/applications/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Application;
  };
  'DELETE /account/v1/applications/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Disconnection;
  };
  'GET /account/v1/applications/{id}/events': {
    path: { id: string };
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: History;
  };
  'POST /account/v1/applications/{id}/block': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Disconnection;
  };
  'GET /account/v1/blocked-applications': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: { readonly items: readonly (BlockedApplication)[] };
  };
  'DELETE /account/v1/blocked-applications/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /account/v1/agents': {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: Agents;
  };
  'POST /account/v1/agents': {
    path: undefined;
    query: undefined;
    body: NewAgent;
    answer: CreatedAgent;
  };
  'GET /account/v1/agents/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Agent;
  };
  'PATCH /account/v1/agents/{id}': {
    path: { id: string };
    query: undefined;
    body: AgentChanges;
    answer: Agent;
  };
  'DELETE /account/v1/agents/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'POST /account/v1/agents/{id}/stop': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Agent;
  };
  'POST /account/v1/agents/{id}/resume': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Agent;
  };
  'POST /account/v1/agents/{id}/confirm': {
    path: { id: string };
    query: undefined;
    body: AgentConfirmation;
    answer: Agent;
  };
  'POST /account/v1/agents/{id}/secrets': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: CreatedAgent;
  };
  'GET /account/v1/personal-access-tokens': {
    path: undefined;
    query: { limit?: number; cursor?: string; status?: 'active' | 'pending' | 'expired' | 'revoked'; resource?: string };
    body: undefined;
    answer: PersonalAccessTokens;
  };
  'POST /account/v1/personal-access-tokens': {
    path: undefined;
    query: undefined;
    body: NewPersonalAccessToken;
    answer: CreatedPersonalAccessToken;
  };
  'GET /account/v1/personal-access-token-options': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: PersonalAccessTokenOptions;
  };
  'GET /account/v1/personal-access-tokens/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: PersonalAccessToken;
  };
  'PATCH /account/v1/personal-access-tokens/{id}': {
    path: { id: string };
    query: undefined;
    body: PersonalAccessTokenChanges;
    answer: PersonalAccessToken;
  };
  'POST /account/v1/personal-access-tokens/{id}/regenerate': {
    path: { id: string };
    query: undefined;
    body: PersonalAccessTokenRegeneration;
    answer: RegeneratedPersonalAccessToken;
  };
  'POST /account/v1/personal-access-tokens/{id}/revoke': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: PersonalAccessToken;
  };
  'GET /account/v1/activity': {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: Activities;
  };
  'GET /account/v1/passkeys': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: Passkeys;
  };
  'POST /account/v1/passkeys': {
    path: undefined;
    query: undefined;
    body: NewPasskey;
    answer: AddedFactor;
  };
  'POST /account/v1/passkeys/enrolments': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: PasskeyEnrolment;
  };
  'PATCH /account/v1/passkeys/{id}': {
    path: { id: string };
    query: undefined;
    body: { readonly name: string };
    answer: undefined;
  };
  'DELETE /account/v1/passkeys/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  'GET /account/v1/second-factors': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: SecondFactors;
  };
  'POST /account/v1/second-factors': {
    path: undefined;
    query: undefined;
    body: NewAuthenticatorApp;
    answer: AddedFactor;
  };
  'POST /account/v1/second-factors/enrolments': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: AuthenticatorAppEnrolment;
  };
  'POST /account/v1/second-factors/recovery-codes': {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: RecoveryCodes;
  };
  'PATCH /account/v1/second-factors/{id}': {
    path: { id: string };
    query: undefined;
    body: { readonly name: string };
    answer: undefined;
  };
  'DELETE /account/v1/second-factors/{id}': {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
}
