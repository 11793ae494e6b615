import { describe, expect, it } from 'vitest';
import { keptOfRedirectUri } from './refused-redirect-uri.ts';

describe('of a refused redirect URI nothing is kept', () => {
  it.each([
    ['that is not a URI', 'my secret'],
    ['without a scheme', 'app.example/cb'],
    ['of a scheme that runs', 'javascript:alert(1)'],
    ['with user information', 'https://user:password@app.example/cb'],
    ['with markup', 'https://app.example/<b>'],
    ['with one of our tokens in its path', 'https://app.example/tsr_at_secret'],
    ['with a JWT in its path', 'https://app.example/eyJhbGciOiJub25lIn0.e30.'],
    ['that is too long', `https://app.example/${'ab/'.repeat(170)}`],
    ['with a host like a secret', 'https://twLxE9UDFJbIhUWzp9kRse57PnsO9LvXmjm9vWocliA/'],
    ['with a secret in its path', 'https://app.example/0123456789abcdef0123456789abcdef'],
    ['that cannot be read', 'https://[::1/cb'],
  ])('%s', (_, uri) => {
    expect(keptOfRedirectUri(uri)).toBeUndefined();
  });
});

describe('of a refused redirect URI is kept', () => {
  it.each([
    ['all of a plain one', 'https://app.example/cb/', 'https://app.example/cb/'],
    ['its spelling', 'HTTPS://App.example:443/cb', 'HTTPS://App.example:443/cb'],
    ['a private-use scheme', 'com.example.app:/cb', 'com.example.app:/cb'],
    ['no value of its query', 'https://a.example/cb?code=abc&tenant=7', 'https://a.example/cb?code=&tenant='],
    ['no parameter without a value', 'https://a.example/cb?secretsecret', 'https://a.example/cb?'],
    ['no name that is none', `https://a.example/cb?${'x'.repeat(33)}=1&%20=2`, 'https://a.example/cb?'],
    ['that it has a fragment, not which', 'https://a.example/cb#access_token=x', 'https://a.example/cb#'],
    ['no query of its fragment', 'https://a.example/cb#a?b=c', 'https://a.example/cb#'],
  ])('%s', (_, uri, kept) => {
    expect(keptOfRedirectUri(uri)).toBe(kept);
  });
});
