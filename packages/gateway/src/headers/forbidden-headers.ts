/**
 * Headers that callers may not send on: those by which upstreams are told who asks, from where, and for what. In any
 * case, and in any spelling that an upstream may take for the same name.
 * @spec RFC 9110 §5.1, §7.6.1; RFC 3875 §4.1.18 (names as variables)
 */

const NAMES = [
  'client-cert',
  'client-cert-chain',
  'forwarded',
  'remote-email',
  'remote-groups',
  'remote-name',
  'remote-user',
  'true-client-ip',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-real-ip',
  'x-rewrite-url',
  'x-user',
  'x-username',
];

const PREFIXES = [
  'ssl-client-',
  'x-auth-',
  'x-authenticated-',
  'x-client-cert',
  'x-envoy-',
  'x-forwarded-',
  'x-original-',
  'x-remote-',
  'x-ssl-',
  'x-tessera-',
  'x-user-',
];

/** For this message or this connection only; the proxy writes its own. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** @param name in lower case */
export type IsForbidden = (name: string) => boolean;

/** How many names of callers are remembered. */
const REMEMBERED_NAMES = 1000;

/** @param further names, or beginnings of names that end in `*` */
export function createForbiddenHeaders(further: readonly string[]): IsForbidden {
  const all = further.map((name) => spelling(name.toLowerCase().replace(/\*$/, '')));
  const isPrefix = further.map((name) => name.endsWith('*'));
  const names = new Set([...NAMES, ...all.filter((_, index) => isPrefix[index] !== true)]);
  const prefixes = [...PREFIXES, ...all.filter((_, index) => isPrefix[index] === true)];
  const decide = (name: string): boolean => {
    if (HOP_BY_HOP.has(name)) return true;
    const plain = spelling(name);
    return (
      names.has(plain) || prefixes.some((prefix) => plain.startsWith(prefix)) || isDisguised(name, plain)
    );
  };
  const remembered = new Map<string, boolean>();
  return (name) => {
    let forbidden = remembered.get(name);
    if (forbidden !== undefined) return forbidden;
    forbidden = decide(name);
    if (remembered.size < REMEMBERED_NAMES) remembered.set(name, forbidden);
    return forbidden;
  };
}

/** Upstreams that turn names into variables cannot tell a dash from an underscore or a dot. */
function spelling(name: string): string {
  return name.replaceAll(/[^a-z0-9]/g, '-');
}

/** `Content_Length` and the like would be the framing, or the credentials, to such an upstream. */
function isDisguised(name: string, plain: string): boolean {
  return name !== plain && (HOP_BY_HOP.has(plain) || plain === 'content-length' || plain === 'content-type');
}
