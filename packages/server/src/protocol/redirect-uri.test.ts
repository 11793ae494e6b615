import { describe, expect, it } from 'vitest';
import { matchRedirectUri, validateRegisteredRedirectUri } from './redirect-uri.ts';

describe('registering a redirect URI (RFC 9700 §2.1, RFC 8252 §7)', () => {
  it.each([
    ['http on a public host', 'http://example.com/cb', 'web'],
    ['localhost for a web app', 'http://localhost:3000/cb', 'web'],
    ['a fragment', 'https://app.example.com/cb#x', 'web'],
    ['an empty fragment', 'https://app.example.com/cb#', 'web'],
    ['a wildcard', 'https://*.example.com/cb', 'web'],
    ['user information', 'https://user@app.example.com/cb', 'web'],
    ['code in the query', 'https://app.example.com/cb?code=x', 'web'],
    ['state in the query', 'https://app.example.com/cb?a=1&state=x', 'web'],
    ['iss in the query', 'https://app.example.com/cb?iss=x', 'web'],
    ['a backslash', 'https://app.example.com\\@evil.test/cb', 'web'],
    ['a space', 'https://app.example.com/c b', 'web'],
    ['letters outside ASCII', 'https://app.exаmple.com/cb', 'web'],
    ['a host in capitals', 'https://APP.example.com/cb', 'web'],
    ['the default port', 'https://app.example.com:443/cb', 'web'],
    ['a relative reference', '/cb', 'web'],
    ['javascript:', 'javascript:alert(1)', 'native'],
    ['data:', 'data:text/html,x', 'native'],
    ['a private-use scheme without a dot', 'myapp:/cb', 'native'],
    ['a private-use scheme for a web app', 'com.example.app:/cb', 'web'],
    ['another loopback address', 'http://127.0.0.2/cb', 'native'],
    ['a loopback address written as a number', 'http://2130706433/cb', 'native'],
    ['more than 2048 characters', `https://app.example.com/${'a'.repeat(2048)}`, 'web'],
    ['nothing', '', 'web'],
  ] as const)('refuses %s', (_what, uri, type) => {
    expect(validateRegisteredRedirectUri(uri, type)).toMatch(/.+/);
  });

  it.each([
    ['https://app.example.com/cb', 'web'],
    ['https://app.example.com/cb?tenant=1', 'web'],
    ['https://app.example.com:8443/cb', 'web'],
    ['http://127.0.0.1/cb', 'web'],
    ['http://127.0.0.1:8080/cb', 'web'],
    ['http://[::1]/cb', 'native'],
    ['http://localhost:3000/cb', 'native'],
    ['com.example.app:/cb', 'native'],
  ] as const)('takes %s for a %s app', (uri, type) => {
    expect(validateRegisteredRedirectUri(uri, type)).toBeUndefined();
  });
});

describe('comparing a requested redirect URI (RFC 9700 §4.1.3, RFC 8252 §7.3)', () => {
  it.each([
    ['https://a.example/cb', 'https://a.example/cb/'],
    ['https://a.example/cb', 'https://a.example/cb?x=1'],
    ['https://a.example/cb', 'https://A.example/cb'],
    ['https://a.example/cb', 'https://a.example:443/cb'],
    ['https://a.example/cb', 'https://a.example:444/cb'],
    ['http://127.0.0.1:8080/cb', 'http://127.0.0.1:8081/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:1/other'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:1/cb?x=1'],
    ['http://127.0.0.1/cb', 'http://localhost:1/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.2:1/cb'],
    ['http://127.0.0.1/cb', 'http://127.1:1/cb'],
    ['http://127.0.0.1/cb', 'https://127.0.0.1:1/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:80@evil.test/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:99999/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:0/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:/cb'],
    ['http://127.0.0.1/cb', 'http://[::1]:1/cb'],
    ['http://[::1]/cb', 'http://[::ffff:127.0.0.1]:1/cb'],
  ])('%s is not %s', (registered, requested) => {
    expect(matchRedirectUri(registered, requested)).toBe(false);
  });

  it.each([
    ['https://a.example/cb?x=1', 'https://a.example/cb?x=1'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:53123/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1/cb'],
    ['http://[::1]/cb', 'http://[::1]:1/cb'],
    ['http://localhost/cb', 'http://localhost:53123/cb'],
  ])('%s is %s', (registered, requested) => {
    expect(matchRedirectUri(registered, requested)).toBe(true);
  });
});
