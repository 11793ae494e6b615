import { expect, it } from 'vitest';
import { isAllowedDomain } from './domain-policy.ts';

it.each<[string, { allow?: string[]; deny?: string[] }, boolean]>([
  ['agent.example', { deny: ['agent.example'] }, false],
  ['agent.example.', { deny: ['agent.example'] }, false],
  ['a.b.agent.example', { deny: ['agent.example'] }, false],
  ['agent.example', { deny: ['Agent.Example'] }, false],
  ['agent.example', { deny: ['.agent.example'] }, false],
  ['agent.example', { allow: ['agent.example'], deny: ['agent.example'] }, false],
  ['other.example', { allow: ['agent.example'] }, false],
  ['evil-agent.example', { allow: ['agent.example'] }, false],
  ['agent.example.evil', { allow: ['agent.example'] }, false],
  ['evil-agent.example', { deny: ['agent.example'] }, true],
  ['agent.example', { allow: ['agent.example'] }, true],
  ['app.agent.example', { allow: ['agent.example'] }, true],
  ['agent.example', {}, true],
])('%s under %j: %s', (host, { allow = [], deny = [] }, allowed) => {
  expect(isAllowedDomain(host, { allow, deny })).toBe(allowed);
});
