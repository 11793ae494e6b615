import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, pageHeaders } from './security-headers.ts';

function directive(policy: string, name: string): string | undefined {
  return policy.split('; ').find((part) => part.startsWith(`${name} `));
}

describe('contentSecurityPolicy', () => {
  it('allows nothing but our own style sheet, font and images by default', () => {
    expect(contentSecurityPolicy()).toBe(
      "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; " +
        "frame-ancestors 'none'; base-uri 'none'",
    );
  });

  it('allows our own script only where the page has one', () => {
    expect(directive(contentSecurityPolicy({ script: true }), 'script-src')).toBe("script-src 'self'");
    expect(directive(contentSecurityPolicy(), 'script-src')).toBeUndefined();
  });

  it.each([
    ['a web app', 'https://player.example/cb?x=1', 'https://player.example'],
    ['loopback, at the port of this request', 'http://127.0.0.1:49152/cb', 'http://127.0.0.1:49152'],
    ['IPv6 loopback, which CSP cannot write', 'http://[::1]:49152/cb', 'http:'],
    ['a scheme of an app on the device', 'com.example.cli:/cb', 'com.example.cli:'],
  ])('lets a form lead to %s', (_what, redirectUri, source) => {
    const policy = contentSecurityPolicy({ formAction: [redirectUri] });
    expect(directive(policy, 'form-action')).toBe(`form-action 'self' ${source}`);
  });

  it.each([
    ['no URL', 'not a url'],
    ['another directive', 'x; script-src *'],
    ['a keyword', "'unsafe-inline'"],
    ['a wildcard', '*'],
  ])('takes %s for nothing', (_what, redirectUri) => {
    expect(directive(contentSecurityPolicy({ formAction: [redirectUri] }), 'form-action')).toBe(
      "form-action 'self'",
    );
  });

  it('keeps a redirect URI from adding directives', () => {
    const policy = contentSecurityPolicy({ formAction: ['https://a.example/;script-src *,default-src *'] });
    expect(directive(policy, 'form-action')).toBe("form-action 'self' https://a.example");
    expect(policy).not.toContain('*');
  });
});

describe('pageHeaders', () => {
  it('keeps pages out of caches, frames and referrers, and forms with their Origin', () => {
    expect(pageHeaders()).toMatchObject({
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    });
  });

  it('parts a page from the window that opened it, unless an app waits for the answer (AZ-70)', () => {
    expect(pageHeaders()['cross-origin-opener-policy']).toBe('same-origin');
    expect(pageHeaders({ formAction: ['https://app.example/cb'] })).not.toHaveProperty(
      'cross-origin-opener-policy',
    );
  });

  it('lets no page use the devices of the person (AZ-70)', () => {
    expect(pageHeaders()['permissions-policy']).toMatch(/^camera=\(\), .*usb=\(\)$/);
  });
});
