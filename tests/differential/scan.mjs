// SPDX-License-Identifier: Apache-2.0
// JSON read a second way, for what readers of JSON disagree about: { value, isJson, and what is unusual in it }. The value is what a
// forgiving reader makes of it: of a member that stands twice the last, NaN and Infinity as numbers.

const isUtf8 = (bytes) => {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};
const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /true|false|null|NaN|-?Infinity/y;
const words = { true: true, false: false, null: null, NaN, Infinity, '-Infinity': -Infinity };
const text = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

class Scanner {
  found = { duplicate: false, depth: 0, range: false, nul: false, surrogate: false, words: false };
  at = 0;

  constructor(source) {
    this.source = source;
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const [taken] = pattern.exec(this.source) ?? [];
    if (taken === undefined) throw new SyntaxError(`at ${this.at}`);
    this.at += taken.length;
    return taken;
  }

  next() {
    this.take(space);
    return this.source[this.at];
  }

  string() {
    const value = JSON.parse(this.take(text));
    this.found.nul ||= value.includes('\0');
    this.found.surrogate ||= !value.isWellFormed();
    return value;
  }

  number() {
    const raw = this.take(number);
    const isWhole = /^-?[0-9]+$/.test(raw);
    this.found.range ||= isWhole ? BigInt(raw) !== BigInt.asIntN(64, BigInt(raw)) : !Number.isFinite(Number(raw));
    return Number(raw);
  }

  list(depth) {
    const values = [];
    this.at++;
    if (this.next() !== ']')
      for (;;) {
        values.push(this.value(depth));
        if (this.next() !== ',') break;
        this.at++;
      }
    this.close(']');
    return values;
  }

  object(depth) {
    const members = new Map();
    this.at++;
    if (this.next() !== '}')
      for (;;) {
        this.next();
        const name = this.string();
        if (members.has(name)) this.found.duplicate = true;
        this.next();
        this.close(':');
        members.set(name, this.value(depth));
        if (this.next() !== ',') break;
        this.at++;
      }
    this.close('}');
    return members;
  }

  close(mark) {
    if (this.source[this.at] !== mark) throw new SyntaxError(`no ${mark} at ${this.at}`);
    this.at++;
  }

  value(depth = 0) {
    const first = this.next();
    if (first === '{' || first === '[') {
      this.found.depth = Math.max(this.found.depth, depth + 1);
      return first === '{' ? this.object(depth + 1) : this.list(depth + 1);
    }
    if (first === '"') return this.string();
    if (/[-0-9]/.test(first) && !this.source.startsWith('-I', this.at)) return this.number();
    const taken = this.take(word);
    this.found.words ||= /[NI]/.test(taken);
    return words[taken];
  }
}

/** Objects are Maps. `value` is undefined where no reader would take it. */
export function scan(bytes) {
  const utf16 = bytes.length > 1 && (bytes[0] === 0 || bytes[1] === 0);
  const facts = { utf8: isUtf8(bytes), bom: bytes.subarray(0, 3).equals(Buffer.from('\ufeff')), utf16 };
  const scanner = new Scanner(utf16 ? bytes.toString('utf16le') : bytes.toString('utf8').replace(/^\ufeff/, ''));
  try {
    const value = scanner.value();
    scanner.next();
    if (scanner.at < scanner.source.length) throw new SyntaxError('something stands behind it');
    return { ...facts, ...scanner.found, value };
  } catch {
    return { ...facts, ...scanner.found, value: undefined };
  }
}
