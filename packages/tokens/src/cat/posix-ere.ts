/**
 * Extended regular expressions of POSIX, and only those: what is not in the grammar is refused, and a match takes time
 * in proportion to the text, whatever the expression. An expression is turned into states that are all walked at once,
 * so nothing is ever tried again.
 * @spec IEEE 1003.1-2017 §9.4, §9.3.5
 */

/** Whether the expression is found in a text. Unless it says `^` and `$`, anywhere in it. */
export type EreMatcher = (text: string) => boolean;

const MAXIMUM_LENGTH = 1024;
/** RE_DUP_MAX: the most that a bound may say. */
const MAXIMUM_REPEATS = 255;
const MAXIMUM_STATES = 4096;
const MAXIMUM_DEPTH = 32;

/**
 * @returns undefined for what is no extended regular expression of POSIX, or is larger than is taken: `\\d`, `\\b`, `a*?`
 * and `(?=a)` mean something to other engines and nothing to this grammar. A repetition without a bound in another one
 * is refused too: where such an expression goes next, it may be read by an engine that tries everything.
 */
export function compileEre(pattern: string): EreMatcher | undefined {
  if (pattern.length > MAXIMUM_LENGTH) return undefined;
  try {
    const parser = new Parser(Array.from(pattern));
    const node = parser.parse();
    const machine = new Machine();
    const start = machine.build(node, machine.add({ kind: 'accept' }));
    return (text) => machine.isFoundIn(text, start);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

class Refusal extends Error {}

type CharacterTest = (code: number) => boolean;

type Node =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };

const ESCAPABLE = new Set('^.[$()|*+?{\\]}/-');
const SPECIAL_AT_START = new Set('*+?{');

class Parser {
  readonly #input: readonly string[];
  #position = 0;

  constructor(input: readonly string[]) {
    this.#input = input;
  }

  parse(): Node {
    const node = this.#choice(0);
    if (this.#position !== this.#input.length) throw new Refusal();
    return node;
  }

  #peek(): string | undefined {
    return this.#input[this.#position];
  }

  #choice(depth: number): Node {
    if (depth > MAXIMUM_DEPTH) throw new Refusal();
    const options = [this.#sequence(depth)];
    while (this.#peek() === '|') {
      this.#position += 1;
      options.push(this.#sequence(depth));
    }
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { kind: 'choice', options };
  }

  #sequence(depth: number): Node {
    const parts: Node[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      parts.push(this.#repeated(this.#atom(next, depth)));
    }
    // An empty alternative has no meaning in the grammar (§9.4.3).
    if (parts.length === 0) throw new Refusal();
    return { kind: 'sequence', parts };
  }

  #atom(next: string, depth: number): Node {
    this.#position += 1;
    switch (next) {
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '.':
        return { kind: 'character', test: (code) => code !== 0 };
      case '[':
        return { kind: 'character', test: this.#bracket() };
      case '(': {
        const inner = this.#choice(depth + 1);
        if (this.#peek() !== ')') throw new Refusal();
        this.#position += 1;
        return inner;
      }
      case '\\':
        return this.#escaped();
      default:
        if (SPECIAL_AT_START.has(next)) throw new Refusal();
        return literal(next);
    }
  }

  #escaped(): Node {
    const next = this.#peek();
    if (next === undefined || !ESCAPABLE.has(next)) throw new Refusal();
    this.#position += 1;
    return literal(next);
  }

  #repeated(part: Node): Node {
    const next = this.#peek();
    if (next !== '*' && next !== '+' && next !== '?' && next !== '{') return part;
    // An anchor cannot be repeated.
    if (part.kind === 'start' || part.kind === 'end') throw new Refusal();
    this.#position += 1;
    const [least, most] = next === '{' ? this.#bounds() : SIMPLE_BOUNDS[next];
    const after = this.#peek();
    if (after === '*' || after === '+' || after === '?' || after === '{') throw new Refusal();
    if (most === Infinity && isUnbounded(part)) throw new Refusal();
    return { kind: 'repeat', part, least, most };
  }

  #bounds(): readonly [number, number] {
    const least = this.#number();
    if (least === undefined) throw new Refusal();
    let most: number | undefined = least;
    if (this.#peek() === ',') {
      this.#position += 1;
      most = this.#number() ?? Infinity;
    }
    if (this.#peek() !== '}' || most < least) throw new Refusal();
    this.#position += 1;
    return [least, most];
  }

  #number(): number | undefined {
    let digits = '';
    for (let next = this.#peek(); next !== undefined && next >= '0' && next <= '9'; next = this.#peek()) {
      digits += next;
      this.#position += 1;
    }
    if (digits === '') return undefined;
    const value = Number(digits);
    if (value > MAXIMUM_REPEATS) throw new Refusal();
    return value;
  }

  #bracket(): CharacterTest {
    const isNegated = this.#peek() === '^';
    if (isNegated) this.#position += 1;
    const tests: CharacterTest[] = [];
    do tests.push(this.#bracketItem());
    while (this.#peek() !== ']');
    this.#position += 1;
    return (code) => tests.some((test) => test(code)) !== isNegated;
  }

  #bracketItem(): CharacterTest {
    const first = this.#bracketCharacter();
    if (typeof first === 'function') return first;
    // A hyphen that is last stands for itself.
    if (this.#peek() !== '-' || this.#input[this.#position + 1] === ']') return (code) => code === first;
    this.#position += 1;
    const last = this.#bracketCharacter();
    if (typeof last === 'function' || last < first) throw new Refusal();
    return (code) => code >= first && code <= last;
  }

  /** A backslash stands for itself in here (§9.3.5). */
  #bracketCharacter(): number | CharacterTest {
    const next = this.#peek();
    if (next === undefined) throw new Refusal();
    this.#position += 1;
    if (next !== '[') return codeOf(next);
    const mark = this.#peek();
    // Collating elements and equivalence classes mean what a locale says.
    if (mark === '.' || mark === '=') throw new Refusal();
    if (mark !== ':') return codeOf(next);
    const end = this.#input.indexOf(']', this.#position);
    const name = this.#input.slice(this.#position + 1, end - 1).join('');
    const test = CLASSES.get(name);
    if (end === -1 || this.#input[end - 1] !== ':' || test === undefined) throw new Refusal();
    this.#position = end + 1;
    return test;
  }
}

const SIMPLE_BOUNDS = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] } as const;

function literal(character: string): Node {
  const expected = codeOf(character);
  return { kind: 'character', test: (code) => code === expected };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function isUnbounded(node: Node): boolean {
  switch (node.kind) {
    case 'repeat':
      return node.most === Infinity || isUnbounded(node.part);
    case 'sequence':
      return node.parts.some(isUnbounded);
    case 'choice':
      return node.options.some(isUnbounded);
    default:
      return false;
  }
}

const within =
  (...ranges: readonly (readonly [string, string])[]): CharacterTest =>
  (code) =>
    ranges.some(([first, last]) => code >= codeOf(first) && code <= codeOf(last));

/** The classes in the POSIX locale (§9.3.5, §7.3.1). */
const CLASSES: ReadonlyMap<string, CharacterTest> = new Map([
  ['alpha', within(['a', 'z'], ['A', 'Z'])],
  ['digit', within(['0', '9'])],
  ['alnum', within(['a', 'z'], ['A', 'Z'], ['0', '9'])],
  ['upper', within(['A', 'Z'])],
  ['lower', within(['a', 'z'])],
  ['xdigit', within(['0', '9'], ['a', 'f'], ['A', 'F'])],
  ['space', within([' ', ' '], ['\t', '\r'])],
  ['blank', within([' ', ' '], ['\t', '\t'])],
  ['punct', within(['!', '/'], [':', '@'], ['[', '`'], ['{', '~'])],
  ['print', within([' ', '~'])],
  ['graph', within(['!', '~'])],
  ['cntrl', within(['\u0000', '\u001f'], ['\u007f', '\u007f'])],
]);

type State =
  | { readonly kind: 'accept' }
  | { readonly kind: 'character'; readonly test: CharacterTest; readonly next: number }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'split'; readonly next: number[] };

/** States and the ways between them; built from the end, so that each knows what follows. */
class Machine {
  readonly #states: State[] = [];

  add(state: State): number {
    if (this.#states.length >= MAXIMUM_STATES) throw new Refusal();
    return this.#states.push(state) - 1;
  }

  /** @returns the state from which the node is read, and after it `next` */
  build(node: Node, next: number): number {
    switch (node.kind) {
      case 'character':
        return this.add({ kind: 'character', test: node.test, next });
      case 'start':
      case 'end':
        return this.add({ kind: node.kind, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.build(part, after), next);
      case 'choice':
        return this.add({ kind: 'split', next: node.options.map((option) => this.build(option, next)) });
      default:
        return this.#repeat(node, next);
    }
  }

  #repeat({ part, least, most }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let start = next;
    if (most === Infinity) {
      const loop: number[] = [next];
      start = this.add({ kind: 'split', next: loop });
      loop.push(this.build(part, start));
    } else {
      for (let count = least; count < most; count++) {
        start = this.add({ kind: 'split', next: [next, this.build(part, start)] });
      }
    }
    for (let count = 0; count < least; count++) start = this.build(part, start);
    return start;
  }

  isFoundIn(text: string, start: number): boolean {
    let current = new Set<number>();
    let isFirst = true;
    let rest = text.length;
    for (const character of text) {
      // A match may begin at each character.
      if (this.#follow(start, isFirst, false, current)) return true;
      rest -= character.length;
      const code = codeOf(character);
      const following = new Set<number>();
      for (const index of current) {
        const state = this.#states[index];
        if (state?.kind === 'character' && state.test(code)) {
          if (this.#follow(state.next, false, rest === 0, following)) return true;
        }
      }
      current = following;
      isFirst = false;
    }
    return this.#follow(start, isFirst, true, current);
  }

  /** Adds the states that are reached without reading. @returns whether one of them accepts */
  #follow(from: number, atStart: boolean, atEnd: boolean, reached: Set<number>): boolean {
    const open = [from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (reached.has(index)) continue;
      reached.add(index);
      const state = this.#states[index];
      if (state === undefined) continue;
      if (state.kind === 'accept') return true;
      if (state.kind === 'split') open.push(...state.next);
      else if ((state.kind === 'start' && atStart) || (state.kind === 'end' && atEnd)) open.push(state.next);
    }
    return false;
  }
}
