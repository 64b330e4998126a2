// SPDX-License-Identifier: Apache-2.0
// Tokens that are good, nearly good, and not good at all. The same seed makes the same choices.
import { readFileSync } from 'node:fs';
import { keys, settings, signature } from './keys.mjs';

export const now = 1_800_000_000; // what every verifier takes for the present
let at = now; // the present of the tokens that are being made

const naughty = JSON.parse(readFileSync(new URL('../vectors/text/naughty-strings.json', import.meta.url), 'utf8'));

/** Uniform numbers from a seed (xoshiro128**, seeded by a hash of the text). */
export function randomFrom(seed) {
  let hash = 2166136261;
  const state = [0, 0, 0, 0].map((_, i) => {
    for (const c of `${seed}/${i}`) hash = Math.imul(hash ^ c.codePointAt(0), 16777619) >>> 0;
    return hash | 1;
  });
  const rotated = (x, k) => ((x << k) | (x >>> (32 - k))) >>> 0;
  const next = () => {
    const result = Math.imul(rotated(Math.imul(state[1], 5) >>> 0, 7), 9) >>> 0;
    const t = (state[1] << 9) >>> 0;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= t;
    state[3] = rotated(state[3], 11);
    return result;
  };
  const below = (n) => Math.floor((next() / 2 ** 32) * n);
  return { below, chance: (p) => next() / 2 ** 32 < p, pick: (list) => list[below(list.length)] };
}

const quoted = JSON.stringify;

// ---- raw JSON values ----

const times = ['-1', '0', '1', '-0', '-0.0', 'null', 'true', '[]', '{}', '""', '"soon"', '"1800003600"', '1e400', '-1e400', '1E3', '1.8e9', '1.8E+9', '1800000000.5', '18e8', '253402300799', '253402300800',
  '2534023007990', '9007199254740993', '9223372036854775807', '9223372036854775808', '18446744073709551616', '1e19', '1e300', '1e-400', 'NaN', 'Infinity', '-Infinity', '0x6B49D200', '01800003600', '1800003600.', '.5', '+1800003600', '1_800_003_600',
  '1800003600e0', '[1800003600]', '1800003600 ', '\t1800003600', '"\\u0031"'];
const near = (random) => String(at + random.pick([-120, -61, -60, -60, -59, -1, 0, 0, 1, 59, 60, 60, 61, 120, 3600]) + random.pick([0, 0, 0.25, 0.5]));
const texts = (random) => random.pick([
  () => quoted(random.pick(naughty)), () => quoted('x'.repeat(random.pick([0, 1, 64, 511, 512, 513, 2000]))), () => '"\\u0000"', () => '"a\\u0000b"', () => '"\\ud800"', () => '"\\udc00\\ud800"', () => '"\\ud83d\\ude00"',
  () => '"\\u00e9"', () => '"e\\u0301"', () => '"\\/"', () => '"\\x41"', () => '"a\nb"', () => '"\t"', () => '"\u007f"', () => '"a\\nb"', () => "'ada'", () => '7', () => '1.5', () => 'null', () => 'false', () => '[]', () => '["ada"]', () => '{}',
  () => '"abc@clients"', () => '"ada"', () => '" ada "', () => '"\ufeffada"',
])();
const audiences = ['"chat"', '"desk"', '"Chat"', '"chat "', '"cha"', '["chat"]', '["x","desk"]', '["x"]', '[]', '[["chat"]]', '["chat",7]', '["chat",null]', '{"chat":1}', 'null', '7', '""', '["chat","chat"]', '"chat,desk"', '["c\\u0068at"]'];
const issuers = ['"https://issuer.example"', '"https://issuer.example/"', '"HTTPS://issuer.example"', '"https:\\/\\/issuer.example"', '["https://issuer.example"]', 'null', '7', '""', '{}'];
const nested = (random) => random.pick([
  () => '['.repeat(random.pick([2, 14, 15, 16, 17, 40, 300])), () => '{"a":'.repeat(random.pick([2, 14, 15, 16, 17, 40])),
])();
const closed = (open) => open.replace(/\{"a":/g, '{"a":') + (open[0] === '[' ? ']'.repeat(open.length) : `1${'}'.repeat(open.length / 5)}`);
const anything = (random) => random.pick([
  () => random.pick(times), () => texts(random), () => closed(nested(random)), () => '{"a":1,"a":2}', () => '{"a":{"b":1,"\\u0062":2}}', () => '[1,]', () => '{"a":1,}', () => '//', () => 'undefined', () => 'NaN', () => '-Infinity', () => '1e5', () => '-', () => '[1 2]',
  () => '12345678901234567890', () => '0.1', () => '1e308', () => '-1e-7', () => '{"":1}', () => '{"__proto__":{"sub":"bob"}}', () => '[1,2,[3,{"x":null}]]',
])();
const names = ['sub', 'exp', 'nbf', 'iat', 'iss', 'aud', 'jti', 'name', 'events', 'azp', 'gty', 'client_id', '__proto__', 'constructor', 's\\u0075b', 'SUB', 'exp ', '\\u0065xp', 'x', ''];

// ---- what is done to a token before it is signed: header and claims are lists of [name, raw value] ----

const put = (members, name, raw) => {
  const at = members.findIndex(([known]) => known === name);
  if (at < 0) members.push([name, raw]);
  else members[at] = [name, raw];
};
const without = (members, name) => {
  const at = members.findIndex(([known]) => known === name);
  if (at >= 0) members.splice(at, 1);
};

const claimChanges = {
  'exp': (t, r) => put(t.claims, 'exp', r.chance(0.6) ? near(r) : r.pick(times)),
  'nbf': (t, r) => put(t.claims, 'nbf', r.chance(0.6) ? near(r) : r.pick(times)),
  'iat': (t, r) => put(t.claims, 'iat', r.chance(0.6) ? near(r) : r.pick(times)),
  'sub': (t, r) => put(t.claims, 'sub', texts(r)),
  'aud': (t, r) => put(t.claims, 'aud', r.pick(audiences)),
  'iss': (t, r) => put(t.claims, 'iss', r.pick(issuers)),
  'claim left out': (t, r) => without(t.claims, r.pick(['exp', 'sub', 'iss', 'aud', 'iat'])),
  'claim twice': (t, r) => t.claims.splice(r.below(t.claims.length + 1), 0, [r.pick(['sub', 'exp', 'iss', 'aud', 's\\u0075b', 'e\\u0078p']), r.pick(['"bob"', '1', near(r), '"chat"', '"https://issuer.example"'])]),
  'any claim': (t, r) => put(t.claims, r.pick(names), anything(r)),
  'more claims': (t, r) => { for (let i = r.below(12); i >= 0; i--) put(t.claims, `x${i}`, r.chance(0.9) ? texts(r) : anything(r)); },
  'many claims': (t, r) => { for (let i = r.pick([100, 120, 140]); i >= 0; i--) put(t.claims, `m${i}`, String(i)); },
  'large': (t, r) => put(t.claims, 'filler', quoted('y'.repeat(r.pick([4000, 11000, 12000, 20000])))),
  'a machine': (t, r) => { put(t.claims, 'sub', '"service"'); put(t.claims, r.pick(['azp', 'client_id']), '"service"'); },
  'a logout': (t) => put(t.claims, 'events', '{"http://schemas.openid.net/event/backchannel-logout":{}}'),
  'scope': (t, r) => put(t.claims, r.pick(['scope', 'permissions', 'roles', 'scp']), r.pick(['"a b  c"', '["a","b"]', '7', quoted('z'.repeat(300)), `[${'"p",'.repeat(300)}"q"]`, quoted(Array.from({ length: 300 }, (_, i) => `p${i}`).join(' '))])),
  'no object': (t, r) => (t.claimsText = r.pick(['[]', '""', '7', 'null', 'true', '', ' ', '{', '}', '{}{}', `[${'{}'}]`, '"{}"'])),
  'around the object': (t, r) => (t.wrapClaims = r.pick([['', ' '], ['\n\t', '\r\n'], ['', '{}'], ['', '\0'], ['\ufeff', ''], ['', ','], ['/**/', ''], ['\u00a0', ''], ['\v', ''], ['', ';']])),
  'UTF-16': (t, r) => (t.claimsEncoding = r.pick(['utf16le', 'latin1'])),
  'bytes of claims': (t, r) => (t.claimBytes = 1 + r.below(3)),
};

const headerChanges = {
  'typ': (t, r) => put(t.header, 'typ', r.pick(['"JWT"', '"jwt"', '"at+jwt"', '"application/at+jwt"', '"AT+JWT"', '"logout+jwt"', '"dpop+jwt"', '"JOSE"', '"secevent+jwt"', '""', '"JWT "', '7', 'null', '["JWT"]'])),
  'cty': (t, r) => put(t.header, 'cty', r.pick(['"JWT"', '"json"', '7', 'null'])),
  'kid': (t, r) => put(t.header, 'kid', r.pick([...Object.keys(keys).map(quoted), '"RSA"', '"rsa "', '""', 'null', '7', '["rsa"]', '"\\u0072sa"', '"r\\u0000sa"', '"../../dev/null"', '"\' OR 1=1 --"', '"https://issuer.example/keys"', quoted('k'.repeat(600))])),
  'kid left out': (t) => without(t.header, 'kid'),
  'alg': (t, r) => put(t.header, 'alg', r.pick(['"none"', '"None"', '"NONE"', '"nOnE"', '""', '"hs256"', '"HS256"', '"HS384"', '"HS512"', '"RS256"', '"rs256"', '"PS256"', '"PS512"', '"ES256"', '"ES256K"', '"ES384"', '"ES512"', '"ES521"', '"EdDSA"', '"eddsa"', '"Ed25519"', '"Ed448"',
    '"RS1"', '"RSA-OAEP"', '"dir"', '"A256GCM"', '"PBES2-HS256+A128KW"', '"HS256 "', '"H\\u0053256"', '256', 'null', 'true', '["HS256"]', '{"alg":"HS256"}'])),
  'alg left out': (t) => without(t.header, 'alg'),
  'alg twice': (t, r) => t.header.splice(r.below(t.header.length + 1), 0, [r.pick(['alg', 'al\\u0067']), r.pick(['"none"', t.header[0][1]])]),
  'crit': (t, r) => put(t.header, 'crit', r.pick(['[]', '["exp"]', '["b64"]', '["x"]', '"b64"', 'null', '[7]', '{}', '["b64","b64"]', '["alg"]'])),
  'b64': (t, r) => { put(t.header, 'b64', r.pick(['false', 'true', '"false"', 'null', '0'])); if (r.chance(0.5)) put(t.header, 'crit', '["b64"]'); },
  'zip': (t, r) => put(t.header, 'zip', r.pick(['"DEF"', '"GZ"', 'null', '7'])),
  'a key of its own': (t, r) => put(t.header, r.pick(['jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256']), r.pick([quoted(keys['rsa'].jwk), '"https://evil.example/keys"', '["MIIB"]', 'null', '7'])),
  'JWE members': (t, r) => { put(t.header, 'enc', '"A256GCM"'); put(t.header, 'p2c', r.pick(['1000', '2147483647'])); put(t.header, 'p2s', '"AAAA"'); },
  'any member': (t, r) => put(t.header, r.pick(['x', 'iss', 'exp', '__proto__', '', 'url', 'nonce']), anything(r)),
  'header no object': (t, r) => (t.headerText = r.pick(['[]', '""', 'null', '', '{', '{}', '[{"alg":"HS256"}]', '7'])),
  'around the header': (t, r) => (t.wrapHeader = r.pick([['', ' '], ['\n\t', '\r\n'], ['', '{}'], ['', '\0'], ['\ufeff', ''], ['', ',']])),
  'bytes of header': (t, r) => (t.headerBytes = 1 + r.below(2)),
};

// ---- what is done when it is signed ----

const signingChanges = {
  'another algorithm': (t, r) => (t.signAs = r.pick(t.key.algorithms)),
  'another key': (t, r) => { t.key = keys[r.pick(Object.keys(keys))]; t.signAs = r.pick(t.key.algorithms); },
  'a public key as the secret': (t, r) => {
    const { kid, ...jwk } = keys[r.pick(['rsa', 'p256', 'ed25519'])].jwk;
    const secret = r.pick([quoted(jwk), jwk.n ?? jwk.x, Buffer.from(jwk.n ?? jwk.x, 'base64url')]);
    put(t.header, 'alg', '"HS256"');
    t.key = { secret: Buffer.from(secret), algorithms: ['HS256'] };
    t.signAs = 'HS256';
  },
  'an empty secret': (t) => { put(t.header, 'alg', '"HS256"'); t.key = { secret: Buffer.alloc(0), algorithms: ['HS256'] }; t.signAs = 'HS256'; },
  'a dot amid the claims': (t, r) => (t.dotAt = r.below(60)),
  'another salt': (t, r) => { if (t.signAs[0] === 'P') t.saltLength = r.pick([0, 1, 20, 31, 33, 47]); },
};

// ---- what is done to the finished text ----

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const foreign = ['=', '==', '+', '/', '.', ' ', '\t', '\r', '%', '!', '?', '~', '\0', '"', 'é', '𝒜', '\u200b', ','];
const replaced = (text, at, part) => text.slice(0, at) + part + text.slice(at + 1);
const inserted = (text, at, part) => text.slice(0, at) + part + text.slice(at);
const lastOf = (text, end) => (end < 0 ? text.length - 1 : end - 1);
const derInteger = (bytes) => {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at++;
  const number = bytes[at] & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes.subarray(at)]) : bytes.subarray(at);
  return Buffer.concat([Buffer.from([2, number.length]), number]);
};
const withSignature = (text, change) => {
  const [head, payload, old, ...rest] = text.split('.');
  if (old === undefined || rest.length > 0) return text;
  return `${head}.${payload}.${Buffer.from(change(Buffer.from(old, 'base64url'))).toString('base64url')}`;
};
const bitFlipped = (bytes, random) => {
  if (bytes.length > 0) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
  return bytes;
};
const signatureChanges = [
  (s, r) => bitFlipped(s, r), (s) => Buffer.alloc(s.length), (s) => Buffer.alloc(s.length, 0xff), (s) => s.subarray(0, s.length - 1), (s) => s.subarray(1), (s) => s.subarray(0, s.length >> 1), (s) => Buffer.concat([s, s]), (s) => Buffer.concat([s, Buffer.alloc(1)]),
  (s) => Buffer.concat([Buffer.alloc(1), s]), (s) => Buffer.from(s).reverse(), () => Buffer.alloc(0), () => Buffer.from([0]), (s) => Buffer.concat([s.subarray(s.length >> 1), s.subarray(0, s.length >> 1)]),
  (s) => { const half = s.length >> 1; const body = Buffer.concat([derInteger(s.subarray(0, half)), derInteger(s.subarray(half))]); return Buffer.concat([Buffer.from(body.length < 128 ? [0x30, body.length] : [0x30, 0x81, body.length]), body]); },
  (s) => { // s as the group's order less s: as good as the other to everybody, for P-256
    if (s.length !== 64) return s;
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const other = (order - BigInt(`0x${s.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0');
    return /^[0-9a-f]{64}$/.test(other) ? Buffer.concat([s.subarray(0, 32), Buffer.from(other, 'hex')]) : s;
  },
  (s) => { // s plus the order of Ed25519's group (RFC 8032 section 5.1.7 wants it below)
    if (s.length !== 64) return s;
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const number = BigInt(`0x${Buffer.from(s.subarray(32)).reverse().toString('hex')}`) + order;
    return number < 2n ** 256n ? Buffer.concat([s.subarray(0, 32), Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse()]) : s;
  },
];

const textChanges = {
  'a letter': (text, r) => replaced(text, r.below(text.length), r.pick(alphabet)),
  'a foreign letter': (text, r) => replaced(text, r.below(text.length), r.pick(foreign)),
  'a letter more': (text, r) => inserted(text, r.below(text.length + 1), r.pick(r.chance(0.5) ? [...alphabet] : foreign)),
  'a letter less': (text, r) => replaced(text, r.below(text.length), ''),
  'the end of a part': (text, r) => inserted(text, lastOf(text, r.pick([text.indexOf('.'), text.lastIndexOf('.'), -1])) + 1, r.pick(['=', '==', '===', 'A', 'AA', '.', ' ', '\t', '\r', '%3D'])),
  'bits that count for nothing': (text, r) => {
    const at = lastOf(text, r.pick([text.indexOf('.'), text.lastIndexOf('.'), -1]));
    const index = alphabet.indexOf(text[at]);
    return index < 0 ? text : replaced(text, at, alphabet[index ^ r.pick([1, 2, 3])]);
  },
  'the standard alphabet': (text) => text.replaceAll('-', '+').replaceAll('_', '/'),
  'padded': (text) => text.split('.').map((part) => part + '='.repeat((4 - (part.length % 4)) % 4)).join('.'),
  'white space around': (text, r) => r.pick([` ${text}`, `${text} `, `\t${text}`, `${text}\r`, `Bearer ${text}`, `"${text}"`, `${text},${text}`]),
  'cut': (text, r) => text.slice(0, r.below(text.length)),
  'the front cut': (text, r) => text.slice(r.below(text.length)),
  'parts': (text, r) => { const [a, b, c] = text.split('.'); return r.pick([`${a}.${b}`, `${a}.${b}.`, `${a}..${c}`, `.${b}.${c}`, `${a}.${b}.${c}.`, `${a}.${b}.${c}.${c}`, `${a}.${b}.${c}.${b}.${c}`, `${b}.${a}.${c}`, `${a}.${c}.${b}`, '..', '', '.', 'a.b.c']); },
  'the signature': (text, r) => withSignature(text, (s) => r.pick(signatureChanges)(s, r)),
  'another payload': (text, r) => { const [a, , c] = text.split('.'); return `${a}.${Buffer.from(`{"sub":"bob","exp":${at + 3600},"x":${r.below(9)}}`).toString('base64url')}.${c}`; },
  'JSON serialization': (text, r) => { const [a, b, c] = text.split('.'); return r.pick([quoted({ protected: a, payload: b, signature: c }), quoted({ payload: b, signatures: [{ protected: a, signature: c }] })]); },
};

// ---- one token ----

const objectText = (members, random) => {
  const space = random.chance(0.1) ? random.pick([' ', '\n', '\t', '\r\n ']) : '';
  return `{${space}${members.map(([name, raw]) => `"${name}"${space}:${space}${raw}`).join(`,${space}`)}${space}}`;
};

/** Some bytes of a JSON text replaced, put in, left out or doubled. */
function changeBytes(bytes, count, random) {
  let changed = bytes;
  const telling = ['"', '\\', '{', '}', '[', ']', ':', ',', '0', '1', '-', '.', 'e', 'u', ' ', '\0', '\n', '\x80', '\xc3', '\xff', '\xed\xa0\x80', '\xf0\x9f\x98\x80', '\xc0\x80', '\x7f', '\x1f', '/', "'"];
  for (let i = 0; i < count; i++) {
    const at = random.below(changed.length + 1);
    const piece = Buffer.from(random.chance(0.7) ? random.pick(telling) : String.fromCharCode(random.below(256)), 'latin1');
    const skip = random.pick([0, 0, 1, 1, 1, 2]);
    changed = Buffer.concat([changed.subarray(0, at), random.chance(0.8) ? piece : Buffer.alloc(0), changed.subarray(Math.min(changed.length, at + skip))]);
  }
  return changed;
}

const encoded = (text, wrap, count, random, encoding = 'utf8') => {
  const bytes = Buffer.from(wrap ? wrap[0] + text + wrap[1] : text, encoding);
  return (count ? changeBytes(bytes, count, random) : bytes).toString('base64url');
};

function makeToken(setting, random) {
  const key = keys[random.pick(setting.signers)];
  const signAs = random.pick(key.algorithms);
  const token = {
    key, signAs, changes: [],
    header: [['alg', quoted(signAs)], ['typ', '"JWT"'], ...(setting.jwks?.keys[0].kid ? [['kid', quoted(key.kid)]] : [])],
    claims: [['sub', '"ada"'], ['iss', '"https://issuer.example"'], ['aud', '"chat"'], ['iat', String(at - 10)], ['exp', String(at + 3600)], ['name', '"Ada Lovelace"'], ['n', random.pick(['1', '0.1', '-2.5e3', '12345678901234567'])]],
  };
  const change = (from, target) => {
    const name = random.pick(Object.keys(from));
    token.changes.push(name);
    return from[name](target, random);
  };
  const kind = random.below(100);
  if (kind >= 8) { // 8 of 100 stay as they are
    for (let i = random.pick([1, 1, 1, 2, 3]); i > 0 && kind < 78; i--) change(random.chance(0.6) ? claimChanges : headerChanges, token);
    if (kind >= 70 && kind < 82) change(signingChanges, token);
  }
  const header = encoded(token.headerText ?? objectText(token.header, random), token.wrapHeader, token.headerBytes, random);
  const claims = encoded(token.claimsText ?? objectText(token.claims, random), token.wrapClaims, token.claimBytes, random, token.claimsEncoding);
  const input = `${header}.${token.dotAt === undefined ? claims : inserted(claims, token.dotAt, '.')}`;
  let text = `${input}.${signature(token.key, token.signAs, Buffer.from(input), token).toString('base64url')}`;
  if (kind >= 82) for (let i = random.pick([1, 1, 2]); i > 0; i--) text = change(textChanges, text) || text;
  return { setting: setting.name, token: text.replaceAll('\n', ' '), changes: token.changes };
}

/** `count` tokens: { setting, token, changes }. `present`: the time that they are made for. */
export function* generate(seed, count, present = now) {
  at = present;
  const random = randomFrom(seed);
  const drawn = settings.flatMap((setting) => Array(setting.name.startsWith('keys') ? 3 : 1).fill(setting));
  for (let i = 0; i < count; i++) yield makeToken(random.pick(drawn), random);
}
