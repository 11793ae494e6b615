import { describe, expect, it } from 'vitest';
import { isSameTargetUri } from './target-uri.ts';

const CALLED = 'https://music.example/v1/albums';

describe('another address (RFC 9449 §4.3)', () => {
  it.each([
    ['another host', 'https://other.example/v1/albums'],
    ['a host that begins alike', 'https://music.example.evil.example/v1/albums'],
    ['another port', 'https://music.example:8443/v1/albums'],
    ['another scheme', 'http://music.example/v1/albums'],
    ['another path', 'https://music.example/v1/artists'],
    ['a path in upper case', 'https://music.example/V1/albums'],
    ['a slash at the end', 'https://music.example/v1/albums/'],
    ['two slashes', 'https://music.example//v1/albums'],
    ['an encoded slash', 'https://music.example/v1%2Falbums'],
    ['a user', 'https://ada@music.example/v1/albums'],
    ['a user that looks like the host', 'https://music.example@music.example/v1/albums'],
    ['a backslash', 'https://music.example\\v1/albums'],
    ['a line break that parsers drop', 'https://music.example/v1/alb\nums'],
    ['a space in front', ' https://music.example/v1/albums'],
    ['no scheme', '//music.example/v1/albums'],
    ['only the path', '/v1/albums'],
    ['another kind of URI', 'urn:music:albums'],
    ['no URI at all', 'https://'],
    ['nothing', ''],
  ])('%s', (_what, htu) => {
    expect(isSameTargetUri(htu, CALLED)).toBe(false);
    expect(isSameTargetUri(CALLED, htu)).toBe(false);
  });

  it('is what two that cannot be read are', () => {
    expect(isSameTargetUri('/v1/albums', '/v1/albums')).toBe(false);
    expect(isSameTargetUri('https://a@music.example/', 'https://a@music.example/')).toBe(false);
  });
});

describe('the same address in another spelling (RFC 3986 §6.2.2, §6.2.3)', () => {
  it.each([
    ['as it is', CALLED],
    ['with a query', `${CALLED}?q=1`],
    ['with a fragment', `${CALLED}#top`],
    ['scheme and host in upper case', 'HTTPS://MUSIC.EXAMPLE/v1/albums'],
    ['the default port', 'https://music.example:443/v1/albums'],
    ['dot segments', 'https://music.example/v1/x/../albums'],
    ['an encoded letter', 'https://music.example/v1/%61lbums'],
  ])('%s', (_what, htu) => {
    expect(isSameTargetUri(htu, CALLED)).toBe(true);
    expect(isSameTargetUri(CALLED, htu)).toBe(true);
  });

  it('the case of what is encoded', () => {
    expect(isSameTargetUri('https://music.example/a%2fb', 'https://music.example/a%2Fb')).toBe(true);
  });

  it('no path at all is a slash', () => {
    expect(isSameTargetUri('https://music.example', 'https://music.example/?q=1')).toBe(true);
  });
});
