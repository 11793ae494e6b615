import { describe, expect, it } from 'vitest';
import type { Client } from '../domain/client.ts';
import { createSubjectIdentifiers } from './subject-identifier.ts';

const subjectOf = createSubjectIdentifiers(new Uint8Array(32).fill(7));

function app(id: string, more: Partial<Client> = {}): Client {
  return {
    id,
    organizationId: 'org_default',
    name: id,
    applicationType: 'web',
    redirectUris: [`https://${id}.example/cb`],
    grantTypes: ['authorization_code'],
    tokenEndpointAuthMethod: 'none',
    requirePkce: true,
    metadata: { subject_type: 'pairwise' },
    firstParty: false,
    registeredBy: 'operator',
    status: 'active',
    secrets: [],
    createdAt: 0,
    updatedAt: 0,
    ...more,
  };
}

describe('pairwise subjects (OpenID Connect Core §8.1)', () => {
  it('differ from app to app, from person to person, and from the public one', () => {
    const subjects = [
      subjectOf('usr_ada', app('one')),
      subjectOf('usr_ada', app('two')),
      subjectOf('usr_bob', app('one')),
      'usr_ada',
    ];
    expect(new Set(subjects).size).toBe(4);
  });
  it('are the same for all apps of one sector', () => {
    const metadata = { subject_type: 'pairwise', sector_identifier_uri: 'https://sector.example/apps.json' };
    expect(subjectOf('usr_ada', app('one', { metadata }))).toBe(
      subjectOf('usr_ada', app('two', { metadata })),
    );
    expect(subjectOf('usr_ada', app('one'))).toBe(
      subjectOf('usr_ada', app('three', { redirectUris: ['https://one.example/other'] })),
    );
  });
  it('stay as they are, and are no user ids', () => {
    expect(subjectOf('usr_ada', app('one'))).toBe(subjectOf('usr_ada', app('one')));
    expect(subjectOf('usr_ada', app('one'))).toMatch(/^pairwise_[\w-]{43}$/);
  });
});

it('a public subject is the id of the user', () => {
  expect(subjectOf('usr_ada', app('one', { metadata: {} }))).toBe('usr_ada');
});
