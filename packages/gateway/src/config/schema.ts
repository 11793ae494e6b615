/** `gateway.yaml`: one schema gives names, types, defaults and texts. */
import { type Static, Type } from 'typebox';
import { route } from './route-schema.ts';
import { closed, headerName, name, optionalText, port, seconds, secret, texts } from './setting-kinds.ts';

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
    traces: Type.Union([Type.Literal('off'), Type.Literal('on')], {
      default: 'off',
      description:
        '`on`: spans for OpenTelemetry, where @opentelemetry/api is installed and an SDK was registered before the start',
    }),
  },
  'The settings of the gateway.',
);

export type GatewayConfig = Static<typeof gatewaySchema>;
export type ListenerConfig = Static<typeof listener>;
