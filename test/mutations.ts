// Takes requests that are accepted and breaks them, one way at a time, the same way again for the same seed.

/** Random numbers that a seed repeats (mulberry32). */
export type Dice = (sides: number) => number;

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * sides);
  };
}

/** A request in parts that can be broken on their own. */
export interface Sample {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Broken {
  readonly how: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: Buffer | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const JUNK: readonly string[] = [
  '',
  ' ',
  '%00',
  'a%00b',
  '%ff%fe',
  '%ED%A0%80',
  '%F0%9F%92%A9',
  '%0d%0aSet-Cookie:%20x=1',
  '%zz',
  '%',
  '..%2f..%2fetc%2fpasswd',
  '%27%20OR%201=1--',
  '%3Cscript%3Ealert(1)%3C/script%3E',
  '-1',
  '0',
  '1e309',
  '99999999999999999999',
  'null',
  'undefined',
  'true',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'tsr_at_',
  'tsr_rt_0000000000000000000000000000000000000000000000000',
  'eyJhbGciOiJub25lIn0.e30.',
  '.'.repeat(200),
  'a'.repeat(4_000),
];
const JSON_JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  '',
  ' ',
  '\0',
  '\uD800',
  'ü✓💩',
  '../../x',
  "' OR 1=1--",
  [],
  [[]],
  [null],
  {},
  { a: { b: {} } },
  'x'.repeat(20_000),
  Array.from({ length: 300 }, () => 'x'),
  'tsr_at_',
  'javascript:alert(1)',
  '__proto__',
];
const HEADERS: readonly (readonly [string, string])[] = [
  ['authorization', 'Basic'],
  ['authorization', 'Basic !!!'],
  ['authorization', `Basic ${Buffer.from('\0:\0').toString('base64')}`],
  ['authorization', `Basic ${Buffer.from('ü:%ff').toString('base64')}`],
  ['authorization', 'Bearer'],
  ['authorization', 'Bearer  x'],
  ['authorization', 'Bearer a b'],
  ['authorization', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
  ['authorization', `Bearer ${'x'.repeat(8_000)}`],
  ['authorization', 'DPoP x'],
  ['cookie', '\u00ff=\u00ff; ; =; a'],
  ['cookie', 'a=b; '.repeat(400)],
  ['origin', 'null'],
  ['origin', 'http://['],
  ['content-type', 'application/json'],
  ['content-type', 'application/x-www-form-urlencoded'],
  ['content-type', 'application/x-www-form-urlencoded; charset=utf-16'],
  ['content-type', 'multipart/form-data'],
  ['content-type', 'text/plain'],
  ['content-type', '/'],
  ['content-type', ''],
  ['content-encoding', 'gzip'],
  ['accept', '\u00ff'],
  ['x-forwarded-for', '\u00ff, 999.999.999.999'],
  ['x-forwarded-proto', 'gopher'],
  ['user-agent', '\u00fe'.repeat(500)],
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'SEARCH'];

export function breakSample(sample: Sample, dice: Dice): Broken {
  const breakers = [
    ...(sample.query === undefined ? [] : [breakQuery, breakQuery, breakQuery]),
    ...(sample.form === undefined ? [] : [breakForm, breakForm, breakForm, breakBytes]),
    ...(sample.json === undefined ? [] : [breakJson, breakJson, breakJson, breakBytes]),
    breakHeader,
    breakPath,
    breakMethod,
  ];
  return pick(breakers, dice)(sample, dice);
}

/** The request as it is accepted. */
export function asItIs(sample: Sample, how = 'unbroken'): Broken {
  const { method, path, query, form, json, headers } = sample;
  return {
    how,
    method,
    target: query === undefined ? path : `${path}?${encodePairs(pairsOf(query))}`,
    body:
      form === undefined
        ? json === undefined
          ? undefined
          : Buffer.from(JSON.stringify(json))
        : Buffer.from(encodePairs(pairsOf(form))),
    headers: {
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  };
}

/** Names and values as they stand on the wire. */
type Pair = readonly [string, string];

function pairsOf(fields: Readonly<Record<string, string>>): readonly Pair[] {
  return Object.entries(fields).map(([name, value]) => [encodeURIComponent(name), encodeURIComponent(value)]);
}

function encodePairs(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function breakPairs(pairs: readonly Pair[], dice: Dice, longest: number): { how: string; text: string } {
  const at = dice(Math.max(pairs.length, 1));
  const [name, value] = pairs[at] ?? ['x', 'x'];
  const others = pairs.filter((_pair, index) => index !== at);
  const junk = pick(JUNK, dice);
  const forms: readonly (readonly [string, readonly Pair[]])[] = [
    ['deleted', others],
    ['emptied', [...others, [name, '']]],
    ['junk', [...others, [name, junk]]],
    ['junk', [...others, [name, junk]]],
    ['junk at the end', [...others, [name, value + junk]]],
    ['duplicated', [...pairs, [name, value]]],
    ['duplicated with junk', [...pairs, [name, junk]]],
    ['as an array', [...others, [`${name}[]`, value]]],
    ['as an object', [...others, [`${name}[__proto__]`, value]]],
    ['renamed', [...others, [junk.slice(0, 100), value]]],
    ['with the value of another', [...others, [name, pairs[dice(pairs.length)]?.[1] ?? '']]],
    ['oversized', [...others, [name, 'x'.repeat(longest)]]],
    ['cut', [...others, [name, value.slice(0, dice(value.length + 1))]]],
    ['500 times', Array.from({ length: 500 }, (): Pair => [name, 'x'])],
  ];
  const [how, broken] = pick(forms, dice);
  return { how: `${name} ${how}`, text: encodePairs(broken) };
}

function breakQuery(sample: Sample, dice: Dice): Broken {
  const { how, text } = breakPairs(pairsOf(sample.query ?? {}), dice, 12_000);
  const { query: _query, ...rest } = sample;
  return asItIs({ ...rest, path: `${sample.path}?${text}` }, how);
}

function breakForm(sample: Sample, dice: Dice): Broken {
  const { how, text } = breakPairs(pairsOf(sample.form ?? {}), dice, pick([20_000, 300_000], dice));
  return { ...asItIs(sample, how), body: Buffer.from(text) };
}

function breakJson(sample: Sample, dice: Dice): Broken {
  const json = sample.json ?? {};
  const names = Object.keys(json);
  const name = names.length === 0 ? 'x' : pick(names, dice);
  const junk = pick(JSON_JUNK, dice);
  const { [name]: _value, ...others } = json;
  const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const forms: readonly (readonly [string, string])[] = [
    ['deleted', JSON.stringify(others)],
    ['retyped', JSON.stringify({ ...others, [name]: junk })],
    ['retyped', JSON.stringify({ ...others, [name]: junk })],
    ['retyped', JSON.stringify({ ...others, [name]: junk })],
    ['wrapped', JSON.stringify({ ...others, [name]: [json[name]] })],
    ['twice', `{${JSON.stringify(name)}:1,${JSON.stringify(json).slice(1)}`],
    ['beside __proto__', `{"__proto__":{"x":1},${JSON.stringify(json).slice(1)}`],
    ['beside something unknown', JSON.stringify({ ...json, unknown: junk })],
    ['replaced by another body', JSON.stringify(junk)],
    ['nested deeply', `{${JSON.stringify(name)}:${nested}}`],
  ];
  const [how, text] = pick(forms, dice);
  return { ...asItIs(sample, `${name} ${how}`), body: Buffer.from(text) };
}

function breakBytes(sample: Sample, dice: Dice): Broken {
  const whole = asItIs(sample);
  const body = Buffer.from(whole.body ?? Buffer.alloc(0));
  const forms: readonly (readonly [string, () => Buffer])[] = [
    ['cut', () => body.subarray(0, dice(body.length + 1))],
    ['with bytes changed', () => flip(body, dice)],
    ['of random bytes', () => Buffer.from(Array.from({ length: 1 + dice(300) }, () => dice(256)))],
    ['empty', () => Buffer.alloc(0)],
    ['of 300 kB', () => Buffer.alloc(300_000, 'a=b&')],
  ];
  const [how, make] = pick(forms, dice);
  return { ...whole, how: `a body ${how}`, body: make() };
}

function flip(body: Buffer, dice: Dice): Buffer {
  const changed = Buffer.from(body);
  for (let count = 0; count < 3 && changed.length > 0; count++) changed[dice(changed.length)] = dice(256);
  return changed;
}

function breakHeader(sample: Sample, dice: Dice): Broken {
  const whole = asItIs(sample);
  const names = Object.keys(whole.headers);
  if (names.length > 0 && dice(3) === 0) {
    const gone = pick(names, dice);
    const { [gone]: _value, ...headers } = whole.headers;
    return { ...whole, how: `without the header ${gone}`, headers };
  }
  const [name, value] = pick(HEADERS, dice);
  return { ...whole, how: `${name}: ${value.slice(0, 40)}`, headers: { ...whole.headers, [name]: value } };
}

function breakPath(sample: Sample, dice: Dice): Broken {
  const junk = pick(JUNK, dice);
  const end = sample.path.lastIndexOf('/');
  const forms = [
    `${sample.path}/${junk}`,
    `${sample.path.slice(0, end)}/${junk}`,
    `${sample.path};${junk}`,
    `/${sample.path}`,
    `${sample.path}?${junk}&${junk}=${junk}`,
  ];
  const { query: _query, ...rest } = sample;
  const path = pick(forms, dice).replaceAll(' ', '%20');
  return asItIs({ ...rest, path }, `the path ${path.slice(0, 60)}`);
}

function breakMethod(sample: Sample, dice: Dice): Broken {
  const method = pick(METHODS, dice);
  return { ...asItIs(sample, `by ${method}`), method };
}

/** @throws Error where there is nothing */
export function pick<Item>(items: readonly Item[], dice: Dice): Item {
  if (items.length === 0) throw new Error('Nothing to pick from');
  return items[dice(items.length)] as Item;
}
