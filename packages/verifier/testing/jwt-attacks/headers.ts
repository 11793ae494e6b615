/** Headers that name another key, or another kind of token. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { derToRaw } from '@tessera/tokens';
import { type Attack, type AttackMaterial, b64, type Forge, times } from './forge.ts';

export function named({ header, signed }: Forge, { key, claims, canary }: AttackMaterial): Attack[] {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...other.publicKey.export({ format: 'jwk' }), kid: key.kid };
  const byOther = (change: object): string => {
    const input = `${b64(header(change))}.${b64(JSON.stringify(claims))}`;
    return `${input}.${b64(derToRaw(sign('sha256', Buffer.from(input), other.privateKey)) ?? '')}`;
  };
  const kids = [
    '../../dev/null',
    '/proc/self/environ',
    "' UNION SELECT 'x",
    '|id',
    '\0',
    '__proto__',
    'constructor',
    '',
    1,
    ['a'],
    { a: 1 },
    null,
    undefined,
    key.kid.toUpperCase(),
    `${key.kid} `,
    'k'.repeat(5000),
  ];
  return [
    ...times(
      kids,
      (kid): Attack => ['JW-kid', `kid ${JSON.stringify(kid)?.slice(0, 40)}`, signed(header({ kid }))],
    ),
    ...times(
      [`${canary}/jwks`, `${canary}/../jwks`, `${canary}@evil.example/`],
      (jku): Attack => [
        'JW-jku',
        `jku and x5u ${jku.slice(canary.length)}`,
        byOther({ kid: 'theirs', jku, x5u: jku }),
      ],
    ),
    [
      'JW-jwk',
      'their own key inside, under their name',
      byOther({ kid: 'theirs', jwk: { ...jwk, kid: 'theirs' } }),
    ],
    ['JW-jwk', 'their own key inside, under our name', byOther({ jwk })],
    ['JW-jwk', 'their certificate', byOther({ x5c: ['AAAA'] })],
    ['JW-jwk', 'their key, under our name', byOther({})],
  ];
}

export function ofAnotherKind({ header, signed }: Forge): Attack[] {
  const crits = [['x'], [], 'x', null, ['alg'], ['b64'], ['typ', 'typ']];
  return [
    ...times(
      crits,
      (crit): Attack => ['JW-crit', `crit ${JSON.stringify(crit)}`, signed(header({ crit, x: 1 }))],
    ),
    ['JW-crit', 'b64 false without crit', signed(header({ b64: false }))],
    ...times(
      [
        'JWT',
        'dpop+jwt',
        'logout+jwt',
        'secevent+jwt',
        'oauth-authz-req+jwt',
        'statuslist+jwt',
        '',
        undefined,
        ['at+jwt'],
      ],
      (typ): Attack => ['JW-typ', `typ ${JSON.stringify(typ)}`, signed(header({ typ }))],
    ),
  ];
}
