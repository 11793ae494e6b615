/** The settings: one schema gives names, types, defaults and texts. */
import { LONGEST_LEASE_SECONDS } from '../cluster/next-duty.ts';
import { type Static, Type } from '../schema/type.ts';
import { limitSettings, rateSettings } from './limit-settings.ts';

const port = (standard: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: standard, description });
const seconds = (standard: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 10 * 366 * 86_400, default: standard, description });

export const configSchema = Type.Object(
  {
    issuer: Type.Optional(
      Type.String({
        description:
          'The public URL of this server, without a trailing slash. Default: `http://localhost:<port>`.',
      }),
    ),
    host: Type.String({
      default: 'localhost',
      description: 'The address to listen on; `localhost` is 127.0.0.1 and ::1.',
    }),
    port: port(4400, 'The port to listen on; 0 takes any free one.'),
    metrics_host: Type.String({ default: '127.0.0.1', description: 'The address of metrics and health.' }),
    metrics_port: port(4490, 'The port of metrics and health; 0 takes any free one.'),
    database_url: Type.String({
      default: 'sqlite:./data/tessera.db',
      description: '`sqlite:<file>`, `sqlite::memory:` or `postgres://…`.',
    }),
    data_dir: Type.String({ default: './data', description: 'Where key file and admin token are kept.' }),
    admin_email: Type.Optional(Type.String({ description: 'Email of the first administrator.' })),
    admin_password: Type.Optional(
      Type.String({
        description: 'Password of the first administrator. Without it one is made and printed once.',
      }),
    ),
    master_key: Type.Optional(
      Type.String({
        description:
          '32 bytes in base64url; seals the signing keys. Without it: a key file in the data directory.',
      }),
    ),
    other_master_key: Type.Optional(
      Type.String({
        description:
          'While the master key is changed: the one that comes, or the one that was. It opens what it sealed, and seals nothing.',
      }),
    ),
    trusted_proxies: Type.Array(Type.String(), {
      default: [],
      description: 'Addresses or networks whose X-Forwarded-For is believed.',
    }),
    tls_cert: Type.Optional(
      Type.String({ description: 'A certificate chain in PEM, or a file that holds it: serves HTTPS.' }),
    ),
    tls_key: Type.Optional(
      Type.String({ description: 'The private key of tls_cert in PEM, or a file that holds it.' }),
    ),
    revoke_exposed_tokens: Type.Boolean({
      default: false,
      description:
        'Whether a token that comes in a URL ends at once. Either way it goes to the audit log, and its owner is told.',
    }),
    dynamic_registration: Type.Union(
      [Type.Literal('off'), Type.Literal('initial_token'), Type.Literal('open')],
      {
        default: 'off',
        description:
          'Whether apps may register themselves (RFC 7591): not at all, with an initial access token, or anybody.',
      },
    ),
    personal_apps: Type.Union([Type.Literal('on'), Type.Literal('off')], {
      default: 'off',
      description: 'Whether everybody who has an account may register apps in their personal organization.',
    }),
    create_organizations: Type.Union([Type.Literal('operators'), Type.Literal('everyone')], {
      default: 'operators',
      description: 'Who may make organizations, in which people look after apps and APIs together.',
    }),
    unused_registration_lifetime: seconds(
      7 * 86_400,
      'Seconds after which an app that registered itself, and that nobody uses, is deleted.',
    ),
    audit_retention: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 3_153_600_000,
      description: 'Seconds after which events leave the audit log. 0: they stay.',
    }),
    client_id_metadata_documents: Type.Union([Type.Literal('on'), Type.Literal('off')], {
      default: 'on',
      description:
        'Whether an app may be known by the https URL of a document that describes it, without registration.',
    }),
    client_id_metadata_document_max_bytes: Type.Integer({
      minimum: 512,
      maximum: 65_536,
      default: 5120,
      description: 'A larger metadata document is refused.',
    }),
    client_id_metadata_document_allow_domains: Type.Array(Type.String(), {
      default: [],
      description: 'Domains, with all their subdomains, that metadata documents may come from; empty: all.',
    }),
    client_id_metadata_document_deny_domains: Type.Array(Type.String(), {
      default: [],
      description:
        'Domains, with all their subdomains, that no metadata document may come from; this one wins.',
    }),
    outbound_allow_hosts: Type.Array(Type.String(), {
      default: [],
      description:
        'Hosts (`name` or `name:port`) that may be fetched from by http and at private addresses; for development.',
    }),
    mtls_port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65_535,
        description:
          'The port where clients are asked for a certificate (RFC 8705), by TLS with tls_cert. Without it there is none.',
      }),
    ),
    mtls_host: Type.String({ default: 'localhost', description: 'The address of mtls_port.' }),
    mtls_url: Type.Optional(
      Type.String({
        description:
          'The public URL of the endpoints that ask for certificates, without a trailing slash. Default: the host of the issuer with mtls_port.',
      }),
    ),
    mtls_ca: Type.Optional(
      Type.String({
        description:
          'The authorities that vouch for certificates of clients, in PEM, or a file that holds it; for tls_client_auth.',
      }),
    ),
    client_cert_header: Type.Boolean({
      default: false,
      description:
        'true: a proxy of trusted_proxies asks for certificates and passes them on in Client-Cert (RFC 9440).',
    }),
    sign_up: Type.Union([Type.Literal('off'), Type.Literal('on'), Type.Literal('invited')], {
      default: 'off',
      description:
        'Who may make an account: nobody but an administrator, anybody whose address is confirmed by mail, or whom an invitation reaches.',
    }),
    smtp_url: Type.Optional(
      Type.String({
        description:
          'The mail server: `smtps://user:password@host:465` (TLS from the start) or `smtp://user:password@host:587` (STARTTLS, which must succeed). Instead of it: smtp_host and its neighbours.',
      }),
    ),
    smtp_host: Type.Optional(
      Type.String({
        description: 'The host of the mail server. Unencrypted only where it is this machine.',
      }),
    ),
    smtp_port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65_535,
        description: 'The port of smtp_host: 465 is TLS from the start, others STARTTLS. Default: 587.',
      }),
    ),
    smtp_user: Type.Optional(
      Type.String({ description: 'The account at smtp_host, where it asks for one.' }),
    ),
    smtp_password: Type.Optional(Type.String({ description: 'The password of smtp_user.' })),
    mail_from: Type.Optional(
      Type.String({
        description:
          'Who mails come from: `no-reply@example.com` or `Example <no-reply@example.com>`. Needed with smtp_url or smtp_host.',
      }),
    ),
    home_url: Type.Optional(Type.String({ description: 'Where `/` leads in production.' })),
    log_level: Type.Union(
      [
        Type.Literal('debug'),
        Type.Literal('info'),
        Type.Literal('warn'),
        Type.Literal('error'),
        Type.Literal('silent'),
      ],
      { default: 'info', description: '`debug` also logs each request that succeeds.' },
    ),
    traces: Type.Union([Type.Literal('off'), Type.Literal('on')], {
      default: 'off',
      description:
        '`on`: spans for OpenTelemetry, where @opentelemetry/api is installed and an SDK was registered before the start.',
    }),
    second_factor: Type.Union([Type.Literal('optional'), Type.Literal('required')], {
      default: 'optional',
      description:
        '`required`: everybody needs a passkey or an authenticator app, and sets one up when they next sign in. `optional`: whoever has one needs it.',
    }),
    require_pushed_authorization_requests: Type.Boolean({
      default: false,
      description:
        'Takes authorization requests only that the client has pushed to `/api/par` before (RFC 9126).',
    }),
    security_profile: Type.Union(
      [Type.Literal('none'), Type.Literal('fapi2'), Type.Literal('fapi2_message_signing')],
      {
        default: 'none',
        description:
          'Holds every client to all rules of FAPI 2.0: `fapi2` (Security Profile), `fapi2_message_signing` (and signed requests and answers). A single client is held to one by its metadata.',
      },
    ),
    dpop_nonce: Type.Union([Type.Literal('optional'), Type.Literal('required')], {
      default: 'optional',
      description:
        '`required`: every DPoP proof needs a nonce of this server. Clients under `fapi2` always need one.',
    }),
    status_list_ttl: Type.Integer({
      minimum: 1,
      maximum: 3600,
      default: 60,
      description:
        'Seconds for which an API without credentials may use a status list before it fetches it again.',
    }),
    access_token_lifetime: Type.Integer({
      minimum: 1,
      maximum: 86_400,
      default: 3600,
      description:
        'Seconds that an access token lives where neither its app, nor its API, nor the organization of the app says otherwise.',
    }),
    access_token_lifetime_max: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 86_400,
        description:
          'With it, each token lives a random time between access_token_lifetime and this, so that renewals do not come in waves.',
      }),
    ),
    sign_in_frequency: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 10 * 366 * 86_400,
        description:
          'Seconds after which a person has to prove again who they are, for every app, and no refresh token of the old sign-in works any more.',
      }),
    ),
    signing_key_lifetime: seconds(
      90 * 86_400,
      'Seconds after which a signing key is followed by a new one by itself; 0: only by hand.',
    ),
    node_name: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$',
        description: 'What people call this node of a cluster. Default: the first free of n1, n2, …',
      }),
    ),
    duty_turn: Type.Integer({
      minimum: 1,
      maximum: 3600,
      default: 10,
      description:
        'Seconds for which a node is on duty before it passes the duty on to the next; where there are several.',
    }),
    duty_lease: Type.Integer({
      minimum: 2,
      maximum: LONGEST_LEASE_SECONDS,
      default: 5,
      description: 'Seconds after which the duty of a node that is not heard of any more goes to the next.',
    }),
    session_absolute_lifetime: Type.Integer({
      minimum: 300,
      maximum: 400 * 86_400,
      default: 14 * 86_400,
      description: 'Seconds after a sign-in at which its session ends, whatever happens in between.',
    }),
    session_idle_lifetime: Type.Integer({
      minimum: 0,
      maximum: 400 * 86_400,
      default: 7 * 86_400,
      description:
        'Seconds after which a session ends that nobody used, to the minute; a console that nobody touches does not count. 0: there is no such end.',
    }),
    refresh_token_idle_lifetime: seconds(30 * 86_400, 'Seconds after which an unused refresh token ends.'),
    refresh_token_absolute_lifetime: seconds(
      180 * 86_400,
      'Seconds after which every refresh token of a sign-in ends.',
    ),
    refresh_token_grace: Type.Integer({
      minimum: 0,
      maximum: 300,
      default: 30,
      description: 'Seconds in which the answer to a rotation is repeated to whoever lost it.',
    }),
    max_connections: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description:
        'Connections that are open at once, for each address that is listened on; more are closed.',
    }),
    headers_timeout: Type.Integer({
      minimum: 1,
      maximum: 300,
      default: 10,
      description: 'Seconds within which the headers of a request must have come; else 408.',
    }),
    request_timeout: Type.Integer({
      minimum: 1,
      maximum: 300,
      default: 30,
      description: 'Seconds within which a whole request must have come; else 408.',
    }),
    keep_alive_timeout: Type.Integer({
      minimum: 1,
      maximum: 3600,
      default: 65,
      description:
        'Seconds after which a connection without a request is closed. Longer than that of the proxy in front.',
    }),
    shutdown_delay: Type.Integer({
      minimum: 0,
      maximum: 300,
      default: 0,
      description:
        'Seconds that `serve` goes on for after it was told to stop, not ready any more: as long as the balancer in front takes to see that.',
    }),
    overload_wait: Type.Integer({
      minimum: 0,
      maximum: 60_000,
      default: 400,
      description:
        'Milliseconds that a node may be late. Beyond it requests are turned away with 503 and Retry-After; what is expensive and open to anybody at half of it. 0: none ever.',
    }),
    ...rateSettings,
    ...limitSettings,
  },
  { additionalProperties: false },
);

/** The settings with every default filled in; `issuer` still absent when it follows the port. */
export type Config = Static<typeof configSchema>;

/** Settings that also come from a file named by `TESSERA_…_FILE`, and that are never shown. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  'admin_password',
  'master_key',
  'other_master_key',
  'database_url',
  'tls_key',
  'smtp_url',
  'smtp_password',
]);
