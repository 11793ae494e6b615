import { describe, expect, it } from 'vitest';
import { loadConfig, SECRET_KEYS } from '../config.ts';
import { effectiveSettings } from './effective-settings.ts';

const SECRET = 'dmVyeS1zZWNyZXQtdmVyeS1zZWNyZXQtdmVyeS1zZWM';

describe('effective settings', () => {
  const { config, sources } = loadConfig({
    environment: {
      TESSERA_ISSUER: 'https://id.example',
      TESSERA_MASTER_KEY: SECRET,
      TESSERA_DATABASE_URL: `postgres://someone:${SECRET}@host/db`,
      TESSERA_ADMIN_PASSWORD: SECRET,
      TESSERA_SMTP_HOST: 'localhost',
      TESSERA_SMTP_PASSWORD: SECRET,
      TESSERA_SMTP_USER: 'mailer',
      TESSERA_MAIL_FROM: 'no-reply@id.example',
      TESSERA_TRUSTED_PROXIES: '10.0.0.1, 10.0.0.2',
    },
    workingDirectory: '/nowhere',
    overrides: { port: 1, home_url: `https://someone:${SECRET}@home.example/` },
  });
  const settings = effectiveSettings(config, sources);
  const of = (name: string) => settings.find((each) => each.name === name);

  it('hold no secret', () => {
    expect(JSON.stringify(settings)).not.toContain(SECRET);
    for (const name of SECRET_KEYS) expect(of(name)).not.toHaveProperty('value');
  });
  it('say what is in effect and where it comes from', () => {
    expect(of('issuer')).toEqual({ name: 'issuer', value: 'https://id.example', source: 'environment' });
    expect(of('master_key')).toEqual({ name: 'master_key', source: 'environment' });
    expect(of('trusted_proxies')).toMatchObject({ value: '10.0.0.1, 10.0.0.2' });
    expect(of('port')).toEqual({ name: 'port', value: '1', source: 'command line' });
    expect(of('duty_turn')).toEqual({ name: 'duty_turn', value: '10', source: 'default' });
    expect(of('tls_key')).toEqual({ name: 'tls_key', source: 'not set' });
  });
});
