/** Texts that are no JSON, or no JWT. */
import { type Attack, type AttackMaterial, b64, type Forge, times } from './forge.ts';

/** JSON as `JSON.stringify` would never write it. */
const raw = (json: string) => json;

export function withWrongJson({ header, signed }: Forge, claims: AttackMaterial['claims']): Attack[] {
  const body = JSON.stringify(claims);
  const inside = (more: string) => raw(`${body.slice(0, -1)},${more}}`);
  const deep = `${'['.repeat(4000)}${']'.repeat(4000)}`;
  return [
    ...times(
      ['[]', `[${body}]`, '"sub"', '1', 'null', 'true', ''],
      (payload): Attack => [
        'JW-array-payload',
        `a payload ${payload.slice(0, 10)}`,
        signed(header(), payload),
      ],
    ),
    ['JW-array-payload', 'a header in a list', signed(`[${header()}]`)],
    ['JW-dup', 'alg twice', signed(raw(`{"alg":"none",${header().slice(1)}`))],
    ['JW-dup', 'alg twice, the other way round', signed(raw(`${header().slice(0, -1)},"alg":"none"}`))],
    ['JW-dup', 'alg twice, once in disguise', signed(raw(`{"\\u0061lg":"none",${header().slice(1)}`))],
    ['JW-dup', 'exp twice', signed(header(), inside('"exp":4102444800'))],
    ['JW-dup', 'aud twice', signed(header(), inside(`"aud":${JSON.stringify(claims['aud'])}`))],
    ['JW-dup', 'a member twice further down', signed(header(), inside('"act":{"sub":"a","sub":"b"}'))],
    ['JW-json', 'a byte order mark', signed(header(), `\ufeff${body}`)],
    ['JW-json', 'bytes after it', signed(header(), `${body}x`)],
    ['JW-json', 'a second document', signed(header(), `${body}${body}`)],
    ['JW-json', 'a comment', signed(header(), `${body}//`)],
    ['JW-json', 'NaN', signed(header(), inside('"x":NaN'))],
    ['JW-json', 'half of a surrogate pair', signed(header(), inside('"x":"\\ud800"'))],
    ['JW-json', 'no UTF-8', signed(header(), Buffer.from(inside('"x":"\xff"'), 'latin1'))],
    ['JW-json', 'great depth', signed(header(), inside(`"x":${deep}`))],
    ['JW-json', '__proto__', signed(header(), inside('"__proto__":{"scope":"admin"}'))],
    ['JW-json', '__proto__ in disguise', signed(header(), inside('"\\u005f_proto__":{}'))],
    ['JW-json', 'a claim of 1 MB', signed(header(), inside(`"x":"${'a'.repeat(1_000_000)}"`))],
    ['JW-json', 'single quotes', signed(header(), body.replaceAll('"', "'"))],
  ];
}

export function withWrongForm({ good, parts: [head, payload, signature], header, signed }: Forge): Attack[] {
  const next = String.fromCharCode(good.charCodeAt(good.length - 1) + 1);
  return [
    ['JW-b64', 'padding', `${good}==`],
    ['JW-b64', 'padding inside', `${head}=.${payload}.${signature}`],
    ['JW-b64', 'the other alphabet', `${head}.${payload}.${signature.slice(0, -4)}+/+/`],
    ['JW-b64', 'bits that say nothing', good.slice(0, -1) + next],
    ['JW-b64', 'a length that no bytes have', `${head}.${payload}A.${signature}`],
    ...times(
      [' ', '\t', '\n', '\r\n', '\0'],
      (space): Attack => [
        'JW-b64',
        `${JSON.stringify(space)} inside`,
        `${head}.${space}${payload}.${signature}`,
      ],
    ),
    ['JW-shape', 'one part', head],
    ['JW-shape', 'two parts', `${head}.${payload}`],
    ['JW-shape', 'four parts', `${good}.AA`],
    ['JW-shape', 'five parts', `${b64('{"alg":"dir","enc":"A128GCM"}')}..AA.AA.AA`],
    ['JW-shape', 'six parts', `${good}.AA.AA.AA`],
    ['JW-shape', 'a part that is empty', `${good}.`],
    ['JW-shape', 'dots', '..'],
    ['JW-shape', 'the scheme in front', `Bearer ${good}`],
    ['JW-shape', 'JSON, flattened', JSON.stringify({ protected: head, payload, signature })],
    ['JW-shape', 'JSON, general', JSON.stringify({ payload, signatures: [{ protected: head, signature }] })],
    ['JW-shape', 'a JWS in a JWS', signed(header({ cty: 'JWT' }), good)],
    [
      'JW-p2c',
      'a JWE by password',
      `${b64('{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":1000000000}')}.AA.AA.AA.AA`,
    ],
    ['JW-p2c', 'a compressed JWE', `${b64('{"alg":"dir","enc":"A128GCM","zip":"DEF"}')}..AA.AA.AA`],
    ['JW-size', 'a header of 1 MB', signed(header({ x: 'a'.repeat(1_000_000) }))],
    ['JW-size', '10 MB', `${head}.${'A'.repeat(10_000_000)}.${signature}`],
    ['JW-cache', 'the same ends, another middle', swapMiddle(good)],
  ];
}

/** As a cache would mix it up that looks at the ends of a token only. */
function swapMiddle(token: string): string {
  const middle = Math.floor(token.length / 2);
  const other = token[middle] === 'A' ? 'B' : 'A';
  return token.slice(0, middle) + other + token.slice(middle + 1);
}
