/** Whether the settings fit together: what each is right about, and what they get wrong between them. */
import { createTrustedPeers } from '@tessera/verifier';
import { readCatKeys } from '../cat/cat-keys.ts';
import type { CatConfig, CheckConfig, RouteConfig } from './route-schema.ts';
import type { GatewayConfig } from './schema.ts';

/** One line a problem, with what to change. */
export function problemsTogether(config: GatewayConfig): readonly string[] {
  return [
    ...networkProblems('trusted_proxies', config.trusted_proxies),
    ...(config.forward_auth?.proxies ?? []).flatMap(({ addresses }, index) =>
      networkProblems(`forward_auth.proxies[${index}].addresses`, addresses),
    ),
    ...urlProblems('home_url', config.home_url),
    ...originProblems('public_url', config.public_url),
    ...issuerProblems(config),
    ...insideProblems(config),
    ...identityProblems('identity_headers', config.identity_headers),
    ...Object.entries(config.routes).flatMap(([name, route]) => routeProblems(name, route, config)),
    ...twins(config),
    ...(Object.keys(config.routes).length === 0 ? ['routes is empty: name at least one.'] : []),
  ];
}

function networkProblems(place: string, networks: readonly string[]): readonly string[] {
  return networks.flatMap((network) => {
    try {
      createTrustedPeers([network]);
    } catch {
      return [`${place}: ${network} is neither an address nor a network such as 10.0.0.0/8.`];
    }
    return network.endsWith('/0')
      ? [`${place}: ${network} is everybody. Name the addresses of your own proxies.`]
      : [];
  });
}

function issuerProblems({ issuers }: GatewayConfig): readonly string[] {
  return Object.entries(issuers).flatMap(([name, { url, client_id, client_secret, cat_keys }]) => [
    ...urlProblems(`issuers.${name}.url`, url),
    ...(/[?#]/.test(url) ? [`issuers.${name}.url may not have a query or fragment.`] : []),
    ...((client_id === undefined) === (client_secret === undefined)
      ? []
      : [`issuers.${name}: client_id and client_secret go together; one of them is missing.`]),
    ...keyProblems(`issuers.${name}.cat_keys`, cat_keys),
  ]);
}

function keyProblems(place: string, keys: string | undefined): readonly string[] {
  try {
    if (keys !== undefined) readCatKeys(keys);
    return [];
  } catch (error) {
    return [`${place} ${error instanceof Error ? error.message : 'cannot be read'}.`];
  }
}

function insideProblems(config: GatewayConfig): readonly string[] {
  const users = Object.entries(config.routes).filter(([, { token }]) => token === 'inside');
  if (config.inside_tokens !== undefined)
    return urlProblems('inside_tokens.issuer', config.inside_tokens.issuer);
  return users.map(([name]) => `routes.${name}.token is inside: say under inside_tokens who issues them.`);
}

function routeProblems(name: string, route: RouteConfig, config: GatewayConfig): readonly string[] {
  const place = `routes.${name}`;
  const { upstream, verify_access_token: check, open } = route;
  const problems: string[] = [];
  if ((check === undefined) === (open === undefined)) {
    problems.push(
      check === undefined
        ? `${place} has no check. Add verify_access_token, or \`open: true\` if everybody may pass.`
        : `${place} is open and has verify_access_token. Remove one of the two.`,
    );
  }
  if (upstream === undefined && config.forward_auth === undefined) {
    problems.push(`${place}.upstream is missing: where requests go, such as http://127.0.0.1:8080`);
  }
  if (upstream !== undefined) problems.push(...originProblems(`${place}.upstream`, upstream));
  if (!/^\/(?:[\w.~!$&'()*+,=:@-]+\/?)*$/.test(route.path) || /(?:^|\/)\.{1,2}(?:\/|$)/.test(route.path)) {
    problems.push(`${place}.path must be a plain path without escapes, dots, or double slashes.`);
  }
  if (route.host !== undefined && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(route.host)) {
    problems.push(`${place}.host must be a host name in lower case, without a port.`);
  }
  if (
    check === undefined &&
    (route.token !== 'strip' || route.quotas.length > 0 || route.mcp !== undefined)
  ) {
    problems.push(`${place} is open, so token, quotas and mcp have nothing to go by. Remove them.`);
  }
  problems.push(...identityProblems(`${place}.identity_headers`, route.identity_headers ?? {}));
  problems.push(...setHeaderProblems(place, route));
  if (check === undefined) return problems;
  return [...problems, ...checkProblems(place, check, config), ...catProblems(place, route.path, check)];
}

function checkProblems(place: string, check: CheckConfig, { issuers }: GatewayConfig): readonly string[] {
  const known = Object.keys(issuers);
  const problems: string[] = [];
  if (known.length === 0)
    problems.push(`${place} checks tokens, and issuers is empty: name who issues them.`);
  if (known.length > 1 && check.issuers === undefined) {
    problems.push(`${place}.verify_access_token.issuers is missing: choose from ${known.join(', ')}.`);
  }
  for (const issuer of check.issuers ?? []) {
    if (!known.includes(issuer))
      problems.push(`${place}.verify_access_token.issuers: ${issuer} is not under issuers.`);
  }
  if (check.prefix !== undefined && check.header === undefined) {
    problems.push(
      `${place}.verify_access_token.prefix needs header: in Authorization the scheme is Bearer or DPoP.`,
    );
  }
  if (check.header?.toLowerCase() === 'authorization') {
    problems.push(
      `${place}.verify_access_token.header: Authorization is where it is looked for anyway. Remove it.`,
    );
  }
  if (check.header !== undefined && check.basic_personal_tokens) {
    problems.push(`${place}: basic_personal_tokens needs the Authorization header. Remove one of the two.`);
  }
  if (check.basic_personal_tokens && check.binding !== 'none') {
    problems.push(`${place}: no personal access token is bound. Remove basic_personal_tokens or binding.`);
  }
  if (check.header !== undefined && (check.binding === 'dpop' || check.binding === 'any')) {
    problems.push(
      `${place}: DPoP needs the Authorization header. Remove header, or set binding to none or mtls.`,
    );
  }
  return problems;
}

function catProblems(place: string, path: string, { cat, header }: CheckConfig): readonly string[] {
  return cat === undefined
    ? []
    : catPlaceProblems(`${place}.verify_access_token.cat`, path, cat, header?.toLowerCase());
}

function catPlaceProblems(
  place: string,
  path: string,
  cat: CatConfig,
  tokenHeader: string | undefined,
): readonly string[] {
  const problems: string[] = [];
  const { header, query, path_segment: segment, path_prefix: prefix } = cat;
  if (OWN_HEADERS.test(header) || /^(?:authorization|cookie|dpop)$/i.test(header)) {
    problems.push(`${place}.header: ${header} is not a header for that. Choose one of its own.`);
  }
  if (header.toLowerCase() === tokenHeader) {
    problems.push(`${place}.header is that of other tokens. Choose another one.`);
  }
  if (query?.toLowerCase() === 'access_token') {
    problems.push(`${place}.query: access_token is refused on every route. Choose another, such as CAT.`);
  }
  if (segment !== undefined && prefix !== undefined) {
    problems.push(`${place}: path_segment and path_prefix say the same in two ways. Remove one.`);
  }
  if (segment !== undefined && segment < path.split('/').filter((each) => each !== '').length) {
    problems.push(`${place}.path_segment is a part of the route's path. Count from 0, beyond it.`);
  }
  return problems;
}

/** Headers that frame a message or steer the connection are the proxy's own. */
const OWN_HEADERS =
  /^(?:connection|content-length|transfer-encoding|host|upgrade|te|trailer|keep-alive|expect|proxy-connection)$/i;

function identityProblems(place: string, headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(headers)
    .filter((header) => OWN_HEADERS.test(header) || /^(?:authorization|cookie|content-.*)$/i.test(header))
    .map((header) => `${place}: ${header} is not a header for that. Choose one such as X-Auth-Subject.`);
}

function setHeaderProblems(place: string, { set_headers, token }: RouteConfig): readonly string[] {
  return Object.entries(set_headers).flatMap(([header, value]) => {
    if (OWN_HEADERS.test(header))
      return [`${place}.set_headers: ${header} belongs to the connection. Remove it.`];
    if (!/^[\x20-\x7e]*$/.test(value))
      return [`${place}.set_headers.${header} holds a character that no header may hold.`];
    return header.toLowerCase() === 'authorization' && token !== 'strip'
      ? [`${place}: set_headers.Authorization and token: ${token} both write the header. Remove one.`]
      : [];
  });
}

/** Two routes for the same requests: which of them is meant? */
function twins({ routes }: GatewayConfig): readonly string[] {
  const seen = new Map<string, string>();
  return Object.entries(routes).flatMap(([name, { host = '', path, methods = ['*'] }]) =>
    methods.flatMap((method) => {
      const key = `${host} ${path.length > 1 ? path.replace(/\/$/, '') : path} ${method}`;
      const other = seen.get(key);
      seen.set(key, name);
      return other === undefined
        ? []
        : [`routes.${name} and routes.${other} are for the same requests. Remove one.`];
    }),
  );
}

function urlProblems(place: string, url: string | undefined): readonly string[] {
  if (url === undefined || (URL.canParse(url) && /^https?:\/\//.test(url))) return [];
  return [`${place} must be an http or https URL.`];
}

function originProblems(place: string, url: string | undefined): readonly string[] {
  const problems = urlProblems(place, url);
  if (url === undefined || problems.length > 0) return problems;
  const { username, password, search, hash } = new URL(url);
  return username + password + search + hash === '' && !/[?#]/.test(url)
    ? []
    : [`${place} may not have a user, a query or a fragment.`];
}
