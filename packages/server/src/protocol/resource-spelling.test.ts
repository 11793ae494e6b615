import { describe, expect, it } from 'vitest';
import { otherSpellings } from './resource-spelling.ts';

describe('otherSpellings (RFC 3986 §6.2, MCP Canonical Server URI)', () => {
  it.each([
    ['a path with and without a slash at its end are two APIs', 'https://h.example/mcp/', []],
    ['the case of a path counts', 'https://h.example/MCP', []],
    ['a query is no path', 'https://h.example?x', []],
    ['dot segments stay', 'https://h.example/a/../b', []],
    ['escapes stay', 'https://h.example/%6d', []],
    ['another port is another API', 'https://h.example:8443/mcp', []],
    ['the port of the other scheme is no default', 'https://h.example:80/mcp', []],
    ['user information', 'https://user@h.example/', []],
    ['a fragment', 'https://h.example/#x', []],
    ['a backslash', 'https://h.example\\@evil.example/', []],
    ['a URN', 'urn:tessera:api', []],
    ['no host', 'https:///mcp', []],
    ['nothing', '', []],
  ])('%s: %s', (_, identifier, others) => {
    expect(otherSpellings(identifier)).toEqual(others);
  });

  it.each([
    ['https://h.example', ['https://h.example/']],
    ['https://h.example/', ['https://h.example']],
    ['HTTPS://H.Example/Mcp', ['https://h.example/Mcp']],
    ['https://h.example:443/mcp', ['https://h.example/mcp']],
    ['http://127.0.0.1:80', ['http://127.0.0.1', 'http://127.0.0.1/']],
    ['http://[::1]:3000', ['http://[::1]:3000/']],
    ['https://H.example?x=Y', ['https://h.example?x=Y']],
  ])('%s is also %j', (identifier, others) => {
    expect(otherSpellings(identifier)).toEqual(others);
  });

  it('looks at a long identifier in time that grows with its length only', () => {
    expect(otherSpellings(`https://${'a'.repeat(500_000)}@`)).toEqual([]);
  });
});
