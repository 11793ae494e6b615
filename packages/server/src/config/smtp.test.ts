import { describe, expect, it } from 'vitest';
import { loadConfig, smtpSettings } from '../config.ts';

const FROM = { TESSERA_MAIL_FROM: 'no-reply@id.example' };
const load = (environment: Readonly<Record<string, string>>) =>
  loadConfig({ environment, workingDirectory: '/nowhere' });

describe('mail settings that stop the start', () => {
  it.each([
    ['a host without a sender', { TESSERA_SMTP_HOST: 'mail.example' }, /mail_from/],
    [
      'a sender that is none',
      { TESSERA_SMTP_HOST: 'mail.example', TESSERA_MAIL_FROM: 'a@b.example, c@d.example' },
      /mail_from/,
    ],
    [
      'a sender with a second header',
      { TESSERA_SMTP_HOST: 'mail.example', TESSERA_MAIL_FROM: 'X\r\nBcc: e@f.example <a@b.example>' },
      /mail_from/,
    ],
    ['a URL of another kind', { ...FROM, TESSERA_SMTP_URL: 'https://mail.example' }, /smtp_url/],
    [
      'a URL that would switch off the check of certificates',
      { ...FROM, TESSERA_SMTP_URL: 'smtps://mail.example?tls.rejectUnauthorized=false' },
      /no query/,
    ],
    ['a URL that is none', { ...FROM, TESSERA_SMTP_URL: 'smtp://u:%E0@mail.example' }, /smtp_url/],
    [
      'a URL and a host',
      { ...FROM, TESSERA_SMTP_URL: 'smtp://mail.example', TESSERA_SMTP_HOST: 'mail.example' },
      /not both/,
    ],
    [
      'a user without a password',
      { ...FROM, TESSERA_SMTP_HOST: 'm.example', TESSERA_SMTP_USER: 'u' },
      /smtp_password/,
    ],
    ['a password for nobody', { TESSERA_SMTP_PASSWORD: 'x' }, /without smtp_host/],
  ])('%s', (_what, environment, message) => {
    expect(() => load(environment)).toThrow(message);
  });

  it('and never shows a password', () => {
    const url = 'smtp://user:hunter2@mail.example/path';
    expect(() => load({ ...FROM, TESSERA_SMTP_URL: url })).toThrow(/^(?!.*hunter2)/s);
  });
});

describe('the mail server', () => {
  it.each([
    [
      { TESSERA_SMTP_URL: 'smtps://us%40er:p%2Fw@mail.example' },
      { host: 'mail.example', port: 465, implicitTls: true, user: 'us@er', password: 'p/w' },
    ],
    [{ TESSERA_SMTP_URL: 'smtp://[::1]:2525' }, { host: '::1', port: 2525, implicitTls: false }],
    [{ TESSERA_SMTP_HOST: 'mail.example' }, { host: 'mail.example', port: 587, implicitTls: false }],
    [
      { TESSERA_SMTP_HOST: 'mail.example', TESSERA_SMTP_PORT: '465' },
      { host: 'mail.example', port: 465, implicitTls: true },
    ],
  ])('%o', (environment, settings) => {
    const { config } = load({ ...environment, TESSERA_MAIL_FROM: 'Id <no-reply@id.example>' });
    expect(smtpSettings(config)).toMatchObject({
      ...settings,
      from: { name: 'Id', address: 'no-reply@id.example' },
    });
  });

  it('is none unless set', () => {
    expect(smtpSettings(load({}).config)).toBeUndefined();
    expect(smtpSettings(load(FROM).config)).toBeUndefined();
  });
});
