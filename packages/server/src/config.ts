/**
 * The settings: one schema gives names, types, defaults and texts; `tessera.yaml`, the environment and the command
 * line fill it. An unknown key in the file stops the start.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { createTrustedPeers } from '@tessera/verifier';
import { type Static, type TSchema, Type } from 'typebox';
import Value from 'typebox/value';

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
    dynamic_registration: Type.Union(
      [Type.Literal('off'), Type.Literal('initial_token'), Type.Literal('open')],
      {
        default: 'off',
        description:
          'Whether apps may register themselves (RFC 7591): not at all, with an initial access token, or anybody.',
      },
    ),
    unused_registration_lifetime: seconds(
      7 * 86_400,
      'Seconds after which an app that registered itself, and that nobody uses, is deleted.',
    ),
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
  },
  { additionalProperties: false },
);

/** The settings with every default filled in; `issuer` still absent when it follows the port. */
export type Config = Static<typeof configSchema>;

type ConfigKey = keyof Config;

/** Settings that also come from a file named by `TESSERA_…_FILE`, and that are never shown. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  'admin_password',
  'master_key',
  'database_url',
  'tls_key',
]);

export type ConfigSource = 'default' | 'file' | 'environment' | 'command line';

export interface LoadedConfig {
  readonly config: Config;
  readonly sources: Readonly<Record<string, ConfigSource>>;
  /** One line each. */
  readonly warnings: readonly string[];
}

/** Settings that cannot be used; one line each, with what to change. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

export interface ConfigInputs {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A file to read; absent: `tessera.yaml` in the working directory, if there is one. */
  readonly file?: string;
  /** From the command line; they win. */
  readonly overrides?: Partial<Config>;
  readonly workingDirectory?: string;
}

/** @throws ConfigError */
export function loadConfig(inputs: ConfigInputs): LoadedConfig {
  const problems: string[] = [];
  const warnings: string[] = [];
  // Without a prototype, so that a key named `__proto__` is a key like any other: unknown.
  const values = Object.create(null) as Record<string, unknown>;
  const sources: Record<string, ConfigSource> = {};
  const take = (from: Readonly<Record<string, unknown>>, source: ConfigSource): void => {
    for (const [key, value] of Object.entries(from)) {
      if (value === undefined) continue;
      values[key] = value;
      sources[key] = source;
    }
  };
  take(readConfigFile(inputs, problems), 'file');
  take(readEnvironment(inputs.environment, problems, warnings), 'environment');
  take(inputs.overrides ?? {}, 'command line');
  for (const [key, schema] of schemaEntries()) {
    if (!(key in values) && 'default' in schema) {
      values[key] = schema.default;
      sources[key] = 'default';
    }
  }
  describeErrors(values, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const config = values as Config;
  checkTogether(config, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return { config, sources, warnings };
}

function schemaEntries(): readonly (readonly [string, TSchema & { default?: unknown }])[] {
  return Object.entries(configSchema.properties);
}

function readConfigFile(
  { file, workingDirectory }: ConfigInputs,
  problems: string[],
): Record<string, unknown> {
  const path = resolve(workingDirectory ?? '.', file ?? 'tessera.yaml');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (file !== undefined || (error as NodeJS.ErrnoException).code !== 'ENOENT') {
      problems.push(`The configuration file ${path} cannot be read.`);
    }
    return {};
  }
  try {
    const parsed: unknown = yamlParser().parse(text);
    if (parsed === null || parsed === undefined) return {};
    if (typeof parsed === 'object' && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
    problems.push(`${path}: expected settings as "name: value" lines.`);
  } catch (error) {
    problems.push(`${path}: ${error instanceof Error ? error.message.split('\n', 1)[0] : 'not valid YAML'}`);
  }
  return {};
}

/** Loaded only where there is a file to read: it costs more than everything else here. */
function yamlParser(): typeof import('yaml') {
  return createRequire(import.meta.url)('yaml');
}

/** What Kubernetes injects for a service named tessera looks like ours and is not. */
const KUBERNETES = /^TESSERA_(PORT_.*|SERVICE_.*)$/;
/** Read by the command line, not by the server. */
const OTHER_NAMES: ReadonlySet<string> = new Set([
  'TESSERA_URL',
  'TESSERA_TOKEN',
  'TESSERA_CLIENT_ID',
  'TESSERA_CLIENT_SECRET',
  'TESSERA_CONFIG',
]);

function readEnvironment(
  environment: ConfigInputs['environment'],
  problems: string[],
  warnings: string[],
): Record<string, unknown> {
  const values = Object.create(null) as Record<string, unknown>;
  let kubernetes = false;
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('TESSERA_') || value === undefined || OTHER_NAMES.has(name)) continue;
    if (KUBERNETES.test(name) || (name === 'TESSERA_PORT' && value.startsWith('tcp://'))) {
      kubernetes = true;
      continue;
    }
    const key = name.slice('TESSERA_'.length).toLowerCase();
    if (isSetting(key)) {
      values[key] = fromText(key, value);
    } else if (key.endsWith('_file') && SECRET_KEYS.has(key.slice(0, -'_file'.length))) {
      readSecretFile(key.slice(0, -'_file'.length), name, value, { environment, values, problems });
    } else {
      warnings.push(`${name} is not a setting of Tessera; it is ignored.`);
    }
  }
  if (kubernetes) {
    warnings.push(
      'Variables that Kubernetes sets for a service named tessera are ignored (enableServiceLinks: false avoids them).',
    );
  }
  return values;
}

/** Its own members only: every object has a `constructor`. */
function isSetting(key: string): key is ConfigKey {
  return Object.hasOwn(configSchema.properties, key);
}

function readSecretFile(
  key: string,
  name: string,
  path: string,
  into: { environment: ConfigInputs['environment']; values: Record<string, unknown>; problems: string[] },
): void {
  if (into.environment[`TESSERA_${key.toUpperCase()}`] !== undefined) {
    into.problems.push(`Set ${name} or TESSERA_${key.toUpperCase()}, not both.`);
    return;
  }
  try {
    into.values[key] = readFileSync(path, 'utf8').trimEnd();
  } catch {
    into.problems.push(`${name}: the file ${path} cannot be read.`);
  }
}

/** Text of the environment in the type of the setting; what does not fit is left for the schema to name. */
function fromText(key: ConfigKey, text: string): unknown {
  const schema: TSchema & { type?: string } = configSchema.properties[key];
  if (schema.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (schema.type === 'integer') return /^\d+$/.test(text) ? Number(text) : text;
  if (schema.type === 'array')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  return text;
}

function describeErrors(values: Record<string, unknown>, problems: string[]): void {
  for (const key of Object.keys(values)) {
    if (!isSetting(key)) {
      const near = nearest(key);
      problems.push(`${key} is not a setting${near === undefined ? '' : `; did you mean ${near}?`}`);
    }
  }
  for (const [key, schema] of schemaEntries()) {
    if (!(key in values)) continue;
    const [error] = Value.Errors(schema, values[key]);
    if (error !== undefined) problems.push(`${key} ${error.message}.`);
  }
}

function nearest(key: string): string | undefined {
  const plain = key.replaceAll(/[-_]/g, '').toLowerCase();
  return Object.keys(configSchema.properties).find((name) => {
    const other = name.replaceAll('_', '');
    return other === plain || other.startsWith(plain) || plain.startsWith(other);
  });
}

function checkTogether(config: Config, problems: string[]): void {
  if (config.issuer !== undefined) problems.push(...issuerProblems(config.issuer));
  if ((config.tls_cert === undefined) !== (config.tls_key === undefined)) {
    problems.push('tls_cert and tls_key go together; one of them is missing.');
  }
  problems.push(...certificateProblems(config));
  if (config.master_key !== undefined && masterKeyBytes(config.master_key) === undefined) {
    problems.push(
      'master_key is not 32 bytes in base64url. Make one: openssl rand -base64 32 | tr "+/" "-_" | tr -d "="',
    );
  }
  if (isPostgres(config) && config.master_key === undefined) {
    problems.push(
      'PostgreSQL needs master_key, because all nodes share the sealed keys. Make one: openssl rand -base64 32 | tr "+/" "-_" | tr -d "="',
    );
  }
  if (config.refresh_token_idle_lifetime > config.refresh_token_absolute_lifetime) {
    problems.push('refresh_token_idle_lifetime is longer than refresh_token_absolute_lifetime.');
  }
}

function certificateProblems(config: Config): readonly string[] {
  const problems: string[] = [];
  if (config.mtls_port !== undefined && config.tls_cert === undefined) {
    problems.push('mtls_port needs tls_cert and tls_key.');
  }
  if (config.client_cert_header && config.trusted_proxies.length === 0) {
    problems.push(
      'client_cert_header needs trusted_proxies: the addresses of the proxies that ask for certificates.',
    );
  }
  if (config.client_cert_header && !areNetworks(config.trusted_proxies)) {
    problems.push(
      'client_cert_header needs trusted_proxies that are addresses or networks such as 10.0.0.0/8.',
    );
  }
  if (config.mtls_url !== undefined && !/^https:\/\/[^/?#@]+(?:\/[^?#]*[^/?#])?$/.test(config.mtls_url)) {
    problems.push('mtls_url is not an https URL without a trailing slash, query or fragment.');
  }
  return problems;
}

function areNetworks(networks: readonly string[]): boolean {
  try {
    createTrustedPeers(networks);
    return true;
  } catch {
    return false;
  }
}

function issuerProblems(issuer: string): readonly string[] {
  if (!URL.canParse(issuer)) return ['issuer is not a URL.'];
  const url = new URL(issuer);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return ['issuer is neither http nor https.'];
  if (url.search !== '' || url.hash !== '' || issuer.includes('?') || issuer.includes('#')) {
    return ['issuer may not have a query or fragment (RFC 8414 §2).'];
  }
  if (issuer.endsWith('/')) return [`issuer ends with a slash; write ${issuer.replace(/\/+$/, '')}`];
  const normal = url.pathname === '/' ? url.origin : `${url.origin}${url.pathname}`;
  return issuer === normal ? [] : [`issuer is not in its normal form; write ${normal}`];
}

export function isPostgres(config: Config): boolean {
  return /^postgres(ql)?:/.test(config.database_url);
}

/** The bytes of a given master key, or undefined when they are not 32. */
export function masterKeyBytes(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return /^[A-Za-z0-9_-]{43}=?$/.test(text) && bytes.length === 32 ? bytes : undefined;
}

/** What `serve` will not start with: each line names the setting and the exact fix. */
export function productionProblems(config: Config): readonly string[] {
  const problems: string[] = [];
  if (config.issuer === undefined) {
    problems.push(
      'issuer is not set. Set TESSERA_ISSUER to the public URL, for example https://id.example.com',
    );
  } else if (new URL(config.issuer).protocol === 'http:' && !isLoopback(new URL(config.issuer).hostname)) {
    problems.push(
      `issuer is http. Serve it by https and set TESSERA_ISSUER=${config.issuer.replace(/^http:/, 'https:')}`,
    );
  }
  if (config.database_url.includes(':memory:')) {
    problems.push(
      'database_url keeps everything in memory. Set TESSERA_DATABASE_URL=sqlite:./data/tessera.db or postgres://…',
    );
  }
  if (config.trusted_proxies.some((network) => network === '0.0.0.0/0' || network === '::/0')) {
    problems.push('trusted_proxies trusts everybody. Name the addresses of your own proxies');
  }
  return problems;
}

/** What `serve` starts with, and says: each line names the setting. */
export function productionWarnings(config: Config): readonly string[] {
  if (config.outbound_allow_hosts.length === 0) return [];
  return [
    `outbound_allow_hosts opens ${config.outbound_allow_hosts.join(', ')} to http and private addresses: whoever registers an app can make this server ask there. Empty it unless you develop.`,
  ];
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || (isIP(bare) !== 0 && (bare.startsWith('127.') || bare === '::1'));
}
