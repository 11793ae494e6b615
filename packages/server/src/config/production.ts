/** What is safe enough to serve the world with. */
import { isIP } from 'node:net';
import type { Config } from './schema.ts';
import { smtpSettings } from './smtp.ts';

/** What `serve` will not start with: each line names the setting and the exact fix. */
export function productionProblems(config: Config): readonly string[] {
  const problems: string[] = [];
  if (config.issuer === undefined) {
    problems.push(
      'issuer is not set. Set TESSERA_ISSUER to the public URL, for example https://id.example.com',
    );
  } else if (new URL(config.issuer).protocol === 'http:' && !isLoopback(new URL(config.issuer).hostname)) {
    problems.push(
      `issuer is http. Serve it by https and set TESSERA_ISSUER=${config.issuer.replace(/^http:/, 'https:')}`,
    );
  }
  if (config.database_url.includes(':memory:')) {
    problems.push(
      'database_url keeps everything in memory. Set TESSERA_DATABASE_URL=sqlite:./data/tessera.db or postgres://…',
    );
  }
  if (config.sign_up !== 'off' && smtpSettings(config) === undefined) {
    problems.push(
      'sign_up needs a mail server to confirm addresses. Set TESSERA_SMTP_URL and TESSERA_MAIL_FROM, or TESSERA_SIGN_UP=off',
    );
  }
  if (config.trusted_proxies.some((network) => network === '0.0.0.0/0' || network === '::/0')) {
    problems.push('trusted_proxies trusts everybody. Name the addresses of your own proxies');
  }
  return problems;
}

/** What `serve` starts with, and says: each line names the setting. */
export function productionWarnings(config: Config): readonly string[] {
  if (config.outbound_allow_hosts.length === 0) return [];
  return [
    `outbound_allow_hosts opens ${config.outbound_allow_hosts.join(', ')} to http and private addresses: whoever registers an app can make this server ask there. Empty it unless you develop.`,
  ];
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || (isIP(bare) !== 0 && (bare.startsWith('127.') || bare === '::1'));
}
