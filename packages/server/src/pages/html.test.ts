import { describe, expect, it } from 'vitest';
import { Html, html, linkTarget, raw } from './html.ts';
import type { HtmlValue } from './html.ts';

describe('html escapes', () => {
  it.each<[string, HtmlValue, string]>([
    ['an element', '<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['the end of a double-quoted attribute', '" onfocus="alert(1)', '&quot; onfocus=&quot;alert(1)'],
    ['the end of a single-quoted attribute', "' onfocus='alert(1)", '&#39; onfocus=&#39;alert(1)'],
    ['an entity', '&lt;b&gt;', '&amp;lt;b&amp;gt;'],
    ['a backtick', '`x`', '&#96;x&#96;'],
    ['a comment', '<!-- x -->', '&lt;!-- x --&gt;'],
    ['every member of a list', ['<', '>'], '&lt;&gt;'],
    ['a list in a list', [['<'], 'a'], '&lt;a'],
    ['a number', 42, '42'],
    ['zero', 0, '0'],
    ['nothing for undefined', undefined, ''],
    ['nothing for null', null, ''],
    ['nothing for false', false, ''],
    ['nothing in a nested template', html`<b>${'x'}</b>`, '<b>x</b>'],
    ['what is in a nested template', html`<b>${'<'}</b>`, '<b>&lt;</b>'],
    ['nothing in a marked constant', raw('<br>'), '<br>'],
  ])('%s', (_what, value, markup) => {
    expect(html`<p title="${value}">${value}</p>`.toString()).toBe(`<p title="${markup}">${markup}</p>`);
  });

  it('an object that only looks like markup', () => {
    const forged: HtmlValue = JSON.parse('{"markup":"<script>"}');
    Object.defineProperty(forged, 'toString', { value: () => '<script>' });
    expect(html`${forged}`.toString()).toBe('&lt;script&gt;');
    expect(forged).not.toBeInstanceOf(Html);
  });
});

describe('html refuses', () => {
  it('a value in an unquoted attribute', () => {
    expect(() => html`<a href=${'x'}>`).toThrow('must be quoted');
  });

  it('but not an equals sign in text', () => {
    expect(html`<p>resource=${'x'}</p>`.toString()).toBe('<p>resource=x</p>');
  });
});

describe('linkTarget', () => {
  it.each([
    ['javascript:alert(1)', undefined],
    ['JaVaScRiPt:alert(1)', undefined],
    ['data:text/html,<script>', undefined],
    ['vbscript:x', undefined],
    ['//evil.example', undefined],
    ['/relative', undefined],
    ['', undefined],
    [undefined, undefined],
    ['https://player.example/privacy', 'https://player.example/privacy'],
    ['http://127.0.0.1:4430/', 'http://127.0.0.1:4430/'],
  ])('%s → %s', (value, target) => {
    expect(linkTarget(value)).toBe(target);
  });
});
