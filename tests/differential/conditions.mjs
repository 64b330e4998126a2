// SPDX-License-Identifier: Apache-2.0
// What the rows of disagreements.json mean by their `when`: each a fact about the token, found out here and nowhere else.
import { now } from './generate.mjs';
import { scan } from './scan.mjs';

/** A token taken apart with all leniency there is. */
export function factsOf(token, setting) {
  const parts = token.split('.');
  const [header, claims] = [0, 1].map((i) => scan(Buffer.from(parts[i] ?? '', 'base64')));
  const member = (side, name) => (side.value instanceof Map ? side.value.get(name) : undefined);
  return { token, setting, parts, header, claims, inHeader: (name) => member(header, name), inClaims: (name) => member(claims, name) };
}

const lastSecond = 253402300799; // of the year 9999
const isTime = (value) => typeof value === 'number' && value >= 0 && value <= lastSecond + 0.999;
const isWrongTime = (value) => value !== undefined && !isTime(value);
const isText = (value) => typeof value === 'string';
const isTextWhereThere = (value) => value === undefined || isText(value);
const usual = ['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti'];
const plain = (value) => (value instanceof Map ? Object.fromEntries([...value].map(([name, one]) => [name, plain(one)])) : Array.isArray(value) ? value.map(plain) : value);
const permissionsIn = (value) => (isText(value) ? value.split(' ') : Array.isArray(value) ? value.filter(isText) : []);
const either = (test) => (facts) => test(facts.header) || test(facts.claims);

export const conditions = {
  // the compact form
  'a part is not base64url, spelled the one way': ({ parts }) => parts.some((part) => Buffer.from(part, 'base64url').toString('base64url') !== part),
  'not three parts': ({ parts }) => parts.length !== 3,
  'longer than 16 KiB': ({ token }) => Buffer.byteLength(token) > 16384,

  // JSON
  'a member stands twice': either((side) => side.duplicate),
  'more than 16 levels deep': either((side) => side.depth > 16),
  'a number out of range': either((side) => side.range),
  'a NUL in a text': either((side) => side.nul),
  'half a surrogate pair': either((side) => side.surrogate),
  'NaN or Infinity': either((side) => side.words),
  'a byte order mark': either((side) => side.bom),
  'not UTF-8': either((side) => !side.utf8),
  'UTF-16': either((side) => side.utf16),

  // the header
  'crit': ({ inHeader }) => inHeader('crit') !== undefined,
  'b64 or zip': ({ inHeader }) => inHeader('b64') !== undefined || inHeader('zip') !== undefined,
  'alg, kid or typ is no text': ({ inHeader }) => !['alg', 'kid', 'typ'].every((name) => isTextWhereThere(inHeader(name))),
  'typ of another purpose': ({ inHeader }) => isText(inHeader('typ')) && !['jwt', 'application/jwt', 'at+jwt', 'application/at+jwt'].includes(inHeader('typ').toLowerCase()),
  'no kid': ({ inHeader }) => inHeader('kid') === undefined,

  // keys
  'an RSA key of 1024 bits': ({ inHeader }) => inHeader('kid') === 'rsa-1024',
  'a key for encryption': ({ inHeader }) => inHeader('kid') === 'rsa-encrypts',
  'a key bound to RS256': ({ inHeader }) => inHeader('kid') === 'rsa-bound' && inHeader('alg') !== 'RS256',
  'several keys of the type': ({ setting }) => setting.jwks?.keys.length > 1,
  'a secret shorter than the hash': ({ setting, inHeader }) => setting.name === 'secret-short' && inHeader('alg') !== 'HS256',
  'Ed448': ({ inHeader }) => inHeader('kid') === 'ed448' || inHeader('alg') === 'Ed448',
  'alg of RFC 9864': ({ inHeader }) => ['Ed25519', 'Ed448'].includes(inHeader('alg')),
  'EdDSA without kid, of two curves': ({ setting, inHeader }) => inHeader('alg') === 'EdDSA' && inHeader('kid') === undefined && setting.jwks?.keys.some((key) => key.crv === 'Ed448'),

  // claims
  'exp, nbf or iat is no time, or beyond the year 9999': ({ inClaims }) => ['exp', 'nbf', 'iat'].some((name) => isWrongTime(inClaims(name))),
  'iat lies ahead': ({ inClaims, setting }) => isTime(inClaims('iat')) && Math.floor(inClaims('iat')) > now + setting.leeway,
  'exp within the second': ({ inClaims, setting }) => isTime(inClaims('exp')) && !Number.isInteger(inClaims('exp')) && Math.floor(inClaims('exp')) === now - setting.leeway,
  'a time with a fraction, at the second of the limit': ({ inClaims, setting }) => ['iat', 'nbf'].some((name) => isTime(inClaims(name)) && !Number.isInteger(inClaims(name)) && Math.floor(inClaims(name)) === now + setting.leeway),
  'sub is no text of 1 to 512 bytes without control characters': ({ inClaims }) => !isText(inClaims('sub')) || inClaims('sub') === '' || Buffer.byteLength(inClaims('sub')) > 512 || /[\x00-\x1f\x7f]/.test(inClaims('sub')),
  'iss is no text': ({ inClaims }) => !isTextWhereThere(inClaims('iss')),
  'aud is neither a text nor a list of texts': ({ inClaims }) => !isTextWhereThere(inClaims('aud')) && !(Array.isArray(inClaims('aud')) && inClaims('aud').every(isText)),
  'a logout token': ({ inClaims }) => inClaims('events') instanceof Map,
  'the subject is the client': ({ inClaims }) => ['azp', 'client_id'].some((name) => isText(inClaims(name)) && inClaims(name) !== '' && inClaims(name) === inClaims('sub')) || inClaims('gty') === 'client-credentials' || String(inClaims('sub')).endsWith('@clients'),
  'more than an identity may hold': ({ claims }) => {
    const user = [...claims.value].filter(([name]) => !usual.includes(name) || name === 'sub');
    const permissions = ['scope', 'scp', 'permissions', 'roles'].flatMap((name) => permissionsIn(claims.value.get(name)));
    return user.length > 128 || Buffer.byteLength(JSON.stringify(plain(new Map(user)))) > 16000 || new Set(permissions).size > 256 || permissions.some((one) => Buffer.byteLength(one) > 256);
  },
};
