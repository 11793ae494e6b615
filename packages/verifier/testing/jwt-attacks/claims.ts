/** Claims with wrong values. */
import { type Attack, type AttackMaterial, type Forge, times } from './forge.ts';

export function withWrongClaims({ claiming }: Forge, claims: AttackMaterial['claims']): Attack[] {
  const { iss, aud } = claims;
  const [issuer, audience] = [String(iss), String(aud)];
  const wrong = (name: string, values: readonly unknown[], family: string): Attack[] =>
    times(values, (value) => [
      family,
      `${name} ${JSON.stringify(value)?.slice(0, 60)}`,
      claiming({ [name]: value }),
    ]);
  const audiences = [
    undefined,
    null,
    1,
    {},
    '',
    [],
    'https://other.example/',
    ['https://other.example/'],
    [1, audience],
    audience.slice(0, -1),
    `${audience}x`,
    `${audience}/`,
    audience.toUpperCase(),
    ` ${audience}`,
    [[audience]],
  ];
  const issuers = [
    undefined,
    null,
    1,
    {},
    '',
    [issuer],
    `${issuer}/`,
    issuer.toUpperCase(),
    `${issuer}/tenant`,
    issuer.replace('127', '\u0661\u0662\u0667'),
    'https://evil.example',
  ];
  const ends = [
    undefined,
    null,
    '4102444800',
    1.5,
    -1,
    1e308,
    'NaN',
    2 ** 53 + 2,
    0,
    {},
    [4_102_444_800],
    true,
  ];
  return [
    ...wrong('aud', audiences, 'JW-aud'),
    ...wrong('iss', issuers, 'JW-iss'),
    ...wrong('exp', ends, 'JW-time'),
    ...wrong('nbf', ['0', 1.5, -1, 1e308, 2 ** 52, null, {}], 'JW-time'),
    ...wrong('iat', [undefined, '0', 1.5, -1, 1e308, 2 ** 52, null], 'JW-time'),
    ...wrong('aud', [`${'a'.repeat(10_000)}!`, Array.from({ length: 2000 }, () => 'a')], 'JW-redos'),
    ...wrong('iss', [`https://${'a.'.repeat(5000)}!`], 'JW-redos'),
    ...wrong('sub', [undefined, null, 1, '', [], {}], 'JW-claims'),
    ...wrong('client_id', [undefined, null, 1, '', []], 'JW-claims'),
    ...wrong('jti', [undefined, null, 1, ''], 'JW-claims'),
    ...wrong('scope', [null, 1, ['read'], {}], 'JW-claims'),
    ...wrong('cnf', [null, {}, [], 'x', { jkt: 'x' }, { jwk: {} }, { kid: 'a' }], 'JW-claims'),
  ];
}
