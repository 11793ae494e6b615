/** `gateway.yaml`: one schema gives names, types, defaults and texts. */
import { type Static, type TProperties, Type } from 'typebox';

/** An object that takes no other keys than these. */
const closed = <Properties extends TProperties>(
  properties: Properties,
  description: string,
  further: object = {},
) => Type.Object(properties, { additionalProperties: false, description, ...further });

const port = (standard: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: standard, description });
const seconds = (standard: number, minimum: number, description: string) =>
  Type.Integer({ minimum, maximum: 86_400, default: standard, description });
const optionalText = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));
const texts = (description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { default: [], description });
/** May also come from a variable of the environment or a file it names. */
const secret = (description: string) => Type.Optional(Type.String({ description, secret: true }));

const name = '^[a-z][a-z0-9-]{0,62}$';
const headerName = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";
const scopeName = Type.String({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+$' });
const scopes = (description: string) => Type.Optional(Type.Array(scopeName, { minItems: 1, description }));

const tls = closed(
  {
    cert: Type.String({ description: 'The certificate chain in PEM, or a file that holds it.' }),
    key: secret('The private key in PEM, or a file that holds it.'),
    request_client_certificate: Type.Boolean({
      default: false,
      description: 'Asks callers for a certificate, for tokens that are bound to one (RFC 8705).',
    }),
  },
  'Serves HTTPS.',
);

const issuer = closed(
  {
    url: Type.String({ description: 'The issuer, exactly as its tokens name it.' }),
    client_id: optionalText('Who the gateway is when it asks about opaque tokens.'),
    client_secret: secret('Its secret.'),
    cat_keys: secret(
      'The secrets of its Common Access Tokens with HS256, for routes with `cat`: a symmetric JWK or a set of them as JSON, or a file that holds it.',
    ),
    introspection_cache_seconds: Type.Integer({
      minimum: 0,
      maximum: 300,
      default: 0,
      description: 'For how long a good answer about an opaque token is used again; 0: never.',
    }),
    timeout_seconds: seconds(5, 1, 'How long a request to the issuer may take.'),
  },
  'An authorization server whose tokens are taken.',
);

const quota = closed(
  {
    per: Type.Union([Type.Literal('token'), Type.Literal('client')], {
      description: 'Who shares the allowance: the requests of one token, or of all tokens of one app.',
    }),
    requests: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'So many requests …' }),
    seconds: Type.Integer({ minimum: 1, maximum: 86_400, description: '… in so many seconds.' }),
  },
  'An allowance that refills evenly; beyond it 429 with `Retry-After`.',
);

const cat = closed(
  {
    header: Type.String({
      default: 'CTA-Common-Access-Token',
      pattern: headerName,
      description: 'The header that may hold them, besides `Authorization`.',
    }),
    cookie: Type.Optional(
      Type.String({ pattern: headerName, description: 'The cookie that may hold one; without it, none.' }),
    ),
    query: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]+$',
        description:
          'The parameter of the query that may hold one, such as `CAT`; without it, none. URLs are logged and remembered by others.',
      }),
    ),
    path_segment: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 63,
        description: 'The segment of the path that may be one, counted from 0; without it, none.',
      }),
    ),
    path_prefix: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9._~:=@-]+$',
        description: 'What the segment of the path that is one begins with, in place of its number.',
      }),
    ),
    audience_optional: Type.Boolean({
      default: false,
      description: 'Takes those without `aud`, from an issuer that knows no other recipient.',
    }),
    renew: Type.Boolean({
      default: false,
      description:
        'Renews those with HS256 that ask for it (`catr`). The issuer does not know renewed ones, so it cannot revoke them.',
    }),
  },
  'Takes Common Access Tokens, too. What is at their places never reaches the upstream.',
);

const check = closed(
  {
    audience: Type.String({ minLength: 1, description: "The API's identifier: tokens must be for it." }),
    issuers: Type.Optional(
      Type.Array(Type.String({ pattern: name }), {
        minItems: 1,
        description: 'Names under `issuers`; needed where there is more than one.',
      }),
    ),
    scopes_all: scopes('Scopes that a token must have, all of them.'),
    scopes_any: scopes('Scopes of which a token must have at least one.'),
    binding: Type.Union(
      [Type.Literal('none'), Type.Literal('dpop'), Type.Literal('mtls'), Type.Literal('any')],
      {
        default: 'none',
        description:
          'What tokens must be bound to: a key (`dpop`), a certificate (`mtls`), `any` of the two. A bound token must prove it in any case.',
      },
    ),
    header: Type.Optional(
      Type.String({
        pattern: headerName,
        description:
          'The header that carries the token, in place of `Authorization`, which is then not looked at.',
      }),
    ),
    prefix: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9._~+/-]*$',
        description:
          'What stands before the token in `header`, with one space after it; empty: nothing. Default: Bearer.',
      }),
    ),
    basic_personal_tokens: Type.Boolean({
      default: false,
      description:
        'Takes a personal access token as the password of HTTP Basic, too, with any user name or none; never from a page of another site.',
    }),
    cat: Type.Optional(cat),
  },
  'The check that a request must pass.',
);

const route = closed(
  {
    host: optionalText('Only requests for this host name; without it, for any.'),
    path: Type.String({
      default: '/',
      pattern: '^/',
      description: 'The path and everything below it. The longest that fits decides.',
    }),
    methods: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Z]+$' }), {
        minItems: 1,
        description: 'Only these methods; HEAD goes with GET. Others are answered 405.',
      }),
    ),
    upstream: optionalText(
      'The origin requests are passed to; a path is put before theirs. Without it the route is for `forward_auth` only.',
    ),
    strip_path: Type.Boolean({
      default: false,
      description: 'Leaves `path` out of what the upstream is asked for.',
    }),
    preserve_host: Type.Boolean({
      default: false,
      description: 'Passes the Host header on; otherwise the upstream sees its own, and X-Forwarded-Host.',
    }),
    open: Type.Optional(
      Type.Literal(true, {
        description: 'No check at all. A route is either open or has `verify_access_token`.',
      }),
    ),
    verify_access_token: Type.Optional(check),
    token: Type.Union([Type.Literal('strip'), Type.Literal('pass'), Type.Literal('inside')], {
      default: 'strip',
      description:
        'What the upstream gets of the token: nothing, the token itself, or a short-lived JWT of the gateway (`inside_tokens`).',
    }),
    identity_headers: Type.Optional(
      Type.Record(Type.String({ pattern: headerName }), Type.String({ minLength: 1 }), {
        description: 'Headers by claim, for this route alone.',
      }),
    ),
    set_headers: Type.Record(Type.String({ pattern: headerName }), Type.String({ secret: true }), {
      default: {},
      description: 'Headers for the upstream, such as an API key of the gateway. Secret.',
    }),
    quotas: Type.Array(quota, { default: [], description: 'Allowances; the request must fit all of them.' }),
    mcp: Type.Optional(
      closed(
        {
          tools: Type.Record(Type.String(), Type.Array(scopeName), {
            description:
              'What a call of each tool needs beside `scopes_all`; a tool without an entry cannot be called.',
          }),
        },
        'The upstream is an MCP server: calls of tools are read and checked.',
      ),
    ),
    max_body_bytes: Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      default: 0,
      description:
        'A larger request body is refused with 413. 0: as large as the upstream takes; nothing of it is kept here.',
    }),
    response_timeout_seconds: seconds(60, 1, 'How long the upstream may take to begin its answer; then 504.'),
    idle_timeout_seconds: seconds(300, 0, 'How long an answer may pause; 0: for ever.'),
  },
  'Which requests, where to, under which conditions.',
);

const listener = closed(
  {
    host: Type.String({ default: '127.0.0.1', description: 'The address to listen on.' }),
    port: port(4420, 'The port; 0 takes any free one.'),
    tls: Type.Optional(tls),
    max_connections: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description: 'Connections that are open at once; more are closed.',
    }),
  },
  'Where callers connect.',
);

const forwardAuth = closed(
  {
    path: Type.String({ default: '/verify', pattern: '^/[^/?#]', description: 'Where proxies ask.' }),
    proxies: Type.Array(
      closed(
        {
          dialect: Type.Union(
            [Type.Literal('nginx'), Type.Literal('traefik'), Type.Literal('caddy'), Type.Literal('envoy')],
            { description: 'How it says what it was asked for.' },
          ),
          addresses: Type.Array(Type.String(), {
            minItems: 1,
            description: 'Addresses or networks it asks from; nobody else is believed.',
          }),
        },
        'A proxy that asks.',
      ),
      { minItems: 1, description: 'Who may ask.' },
    ),
  },
  'Answers other proxies that ask whether a request may pass.',
);

const insideTokens = closed(
  {
    issuer: Type.String({
      description:
        'The gateway as issuer: the address of `management`, as upstreams reach it; its keys are there.',
    }),
    lifetime_seconds: Type.Integer({
      minimum: 1,
      maximum: 300,
      default: 60,
      description: 'How long they live; never longer than the token they stand for.',
    }),
    key: secret(
      'The ES256 key in PEM (PKCS #8), or a file that holds it. Without it one is made at each start.',
    ),
  },
  'JWTs that upstreams get in place of the token that was sent.',
);

/** Headers that tell the upstream who asks, by claim. */
export const DEFAULT_IDENTITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Auth-Subject': 'sub',
  'X-Auth-Client': 'client_id',
  'X-Auth-Scope': 'scope',
};

export const gatewaySchema = closed(
  {
    listen: Type.Array(listener, {
      minItems: 1,
      default: [{ host: '127.0.0.1', port: 4420, max_connections: 10_000 }],
      description: 'Where callers connect.',
    }),
    management: closed(
      {
        host: Type.String({ default: '127.0.0.1', description: 'The address to listen on.' }),
        port: port(4491, 'The port; 0 takes any free one.'),
      },
      'Health, metrics and the keys of `inside_tokens`, on a port of their own.',
      { default: {} },
    ),
    home_url: optionalText('Where `GET /` leads, if no route takes it.'),
    public_url: optionalText(
      'Where callers reach the gateway, if their requests do not tell: behind a proxy.',
    ),
    trusted_proxies: texts(
      'Addresses or networks in front whose X-Forwarded-* and Client-Cert are believed.',
    ),
    issuers: Type.Record(Type.String({ pattern: name }), issuer, {
      default: {},
      description: 'Authorization servers by a name of your choice.',
    }),
    identity_headers: Type.Record(Type.String({ pattern: headerName }), Type.String({ minLength: 1 }), {
      default: DEFAULT_IDENTITY_HEADERS,
      description: 'Headers that tell upstreams who asks, each with the claim it holds.',
    }),
    strip_headers: texts(
      'Further headers that callers may not send, for upstreams that believe them; `X-Name-*` for all that begin so.',
    ),
    routes: Type.Record(Type.String({ pattern: name }), route, {
      description: 'Routes by a name of your choice, which logs and metrics show.',
    }),
    forward_auth: Type.Optional(forwardAuth),
    on_stale_revocation: Type.Union([Type.Literal('allow'), Type.Literal('deny')], {
      default: 'allow',
      description:
        'Whether signed tokens pass while an issuer cannot be asked what has ended, and what is known of it is too old: `deny` answers 503.',
    }),
    dpop_nonce: Type.Union([Type.Literal('optional'), Type.Literal('required')], {
      default: 'optional',
      description:
        '`required`: every DPoP proof needs a nonce of this gateway, so that it is good at no other, and at none after a restart.',
    }),
    inside_tokens: Type.Optional(insideTokens),
    stop_grace_seconds: seconds(10, 0, 'How long requests under way may take when the gateway stops.'),
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
  },
  'The settings of the gateway.',
);

export type GatewayConfig = Static<typeof gatewaySchema>;
export type RouteConfig = Static<typeof route>;
export type CheckConfig = Static<typeof check>;
export type CatConfig = Static<typeof cat>;
export type ListenerConfig = Static<typeof listener>;
export type QuotaConfig = Static<typeof quota>;
