/** What a new factor is called until its owner says otherwise. */
const SYSTEMS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/CrOS/, 'Chromebook'],
  [/Windows/, 'Windows'],
  [/Macintosh|Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
];

export function factorName(kind: 'passkey' | 'authenticator_app', userAgent = ''): string {
  if (kind === 'authenticator_app') return 'Authenticator app';
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  return system === undefined ? 'Passkey' : `Passkey (${system})`;
}
