import type { TesseraParts } from './foundation.ts';

/** What stands in front of the paths where clients are asked for certificates, if that is elsewhere (RFC 8705 §5). */
export function certificateAddress({ config, issuer }: TesseraParts): string | undefined {
  const { mtls_port: port, mtls_url: url } = config;
  return url ?? (port === undefined ? undefined : `https://${new URL(issuer).hostname}:${port}`);
}
