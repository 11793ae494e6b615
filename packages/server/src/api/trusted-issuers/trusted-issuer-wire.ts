/** A trusted issuer as the admin API takes and shows it. */
import { type Static, Type } from '../../schema/type.ts';
import { TRUSTED_ISSUER_KINDS, type TrustedIssuer } from '../../domain/trusted-issuer.ts';
import { Identifier } from '../identifier.ts';
import { PageOf } from '../paging.ts';
import { Seconds, toSeconds } from '../seconds.ts';

const Text = Type.String({ minLength: 1, maxLength: 512 });
const Uri = Type.String({ minLength: 1, maxLength: 2048 });

const Rule = Type.Object(
  {
    claims: Type.Record(Text, Type.String({ maxLength: 512 }), {
      description:
        'Claims that the JWT must have, by name or JSON pointer; * in a value stands for any characters',
    }),
    client_id: Type.String({
      pattern: '^[\\x21-\\x7e]{1,255}$',
      description: 'A workload acts as this client; an identity provider may send people to it',
    }),
    scopes: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 100 }),
    resources: Type.Array(Uri, { maxItems: 20, description: 'Identifiers of the APIs tokens may be for' }),
  },
  { additionalProperties: false },
);

const members = {
  name: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\x00-\\x1f\\x7f]*$' }),
  jwks: Type.Object(
    { keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: 100 }) },
    { description: 'Its public keys, in place' },
  ),
  jwks_uri: Type.String({ minLength: 1, maxLength: 2048, description: 'Where it publishes its keys' }),
  audiences: Type.Array(Uri, {
    maxItems: 10,
    description: 'What aud of a workload has to be, one of these; absent: the token endpoint',
  }),
  max_lifetime: Type.Integer({
    minimum: 1,
    maximum: 3600,
    description: 'The longest life of a JWT, in seconds; 600 unless set',
  }),
  rules: Type.Array(Rule, {
    maxItems: 100,
    description: 'What a JWT may become; the first that fits decides, and without one nothing',
  }),
  email_domains: Type.Array(Type.String({ pattern: '^[a-z0-9.-]{1,253}$' }), {
    maxItems: 50,
    description: 'An identity provider: domains whose verified addresses it may link to people here',
  }),
};

export const NewTrustedIssuer = Type.Object(
  {
    issuer: Type.String({
      minLength: 1,
      maxLength: 512,
      description: 'The iss of its JWTs, letter for letter',
    }),
    kind: Type.Enum([...TRUSTED_ISSUER_KINDS], {
      description: 'workload: its JWTs stand for programs; identity_provider: for people (ID-JAG)',
    }),
    name: members.name,
    jwks: Type.Optional(members.jwks),
    jwks_uri: Type.Optional(members.jwks_uri),
    audiences: Type.Optional(members.audiences),
    max_lifetime: Type.Optional(members.max_lifetime),
    rules: Type.Optional(members.rules),
    email_domains: Type.Optional(members.email_domains),
  },
  { additionalProperties: false, title: 'NewTrustedIssuer' },
);

/** Issuer and kind stay: what was linked to people hangs from them. */
export const TrustedIssuerChanges = Type.Object(
  {
    name: Type.Optional(members.name),
    jwks: Type.Optional(Type.Union([members.jwks, Type.Null()])),
    jwks_uri: Type.Optional(Type.Union([members.jwks_uri, Type.Null()])),
    audiences: Type.Optional(Type.Union([members.audiences, Type.Null()])),
    max_lifetime: Type.Optional(members.max_lifetime),
    rules: Type.Optional(members.rules),
    email_domains: Type.Optional(Type.Union([members.email_domains, Type.Null()])),
    status: Type.Optional(Type.Enum(['active', 'disabled'])),
  },
  { additionalProperties: false, title: 'TrustedIssuerChanges' },
);

export const TrustedIssuerSchema = Type.Object(
  {
    id: Identifier,
    issuer: Type.String(),
    kind: Type.Enum([...TRUSTED_ISSUER_KINDS]),
    name: Type.String(),
    status: Type.Enum(['active', 'disabled']),
    jwks: Type.Optional(members.jwks),
    jwks_uri: Type.Optional(members.jwks_uri),
    audiences: Type.Optional(members.audiences),
    max_lifetime: members.max_lifetime,
    rules: members.rules,
    email_domains: Type.Optional(members.email_domains),
    organization_id: Type.String(),
    created_at: Seconds('When it was registered'),
    updated_at: Seconds('When it was last changed'),
  },
  { title: 'TrustedIssuer' },
);

export const TrustedIssuerPage = PageOf(TrustedIssuerSchema, 'TrustedIssuers');

export function toTrustedIssuerWire(trusted: TrustedIssuer): Static<typeof TrustedIssuerSchema> {
  const { jwks, jwksUri, audiences, emailDomains } = trusted;
  return {
    id: trusted.id,
    issuer: trusted.issuer,
    kind: trusted.kind,
    name: trusted.name,
    status: trusted.status,
    ...(jwks !== undefined && { jwks: { keys: jwks.keys.map((key) => ({ ...key })) } }),
    ...(jwksUri !== undefined && { jwks_uri: jwksUri }),
    ...(audiences !== undefined && { audiences: [...audiences] }),
    max_lifetime: trusted.maxLifetimeSeconds,
    rules: trusted.rules.map(({ claims, clientId, scopes, resources }) => ({
      claims: { ...claims },
      client_id: clientId,
      scopes: [...scopes],
      resources: [...resources],
    })),
    ...(emailDomains !== undefined && { email_domains: [...emailDomains] }),
    organization_id: trusted.organizationId,
    created_at: toSeconds(trusted.createdAt),
    updated_at: toSeconds(trusted.updatedAt),
  };
}
