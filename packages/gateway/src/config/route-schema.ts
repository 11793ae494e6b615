/** A route of `gateway.yaml`: which requests, the check they must pass, where they go. */
import { type Static, Type } from 'typebox';
import { closed, headerName, name, optionalText, scopeName, scopes, seconds } from './setting-kinds.ts';

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

export const route = closed(
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

export type RouteConfig = Static<typeof route>;
export type CheckConfig = Static<typeof check>;
export type CatConfig = Static<typeof cat>;
export type QuotaConfig = Static<typeof quota>;
