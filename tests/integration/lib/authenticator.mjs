// SPDX-License-Identifier: Apache-2.0
// A passkey's device in software: what navigator.credentials gives, made from the options that the server sent. Each step may be
// done wrongly on purpose.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const b64u = (bytes) => Buffer.from(bytes).toString('base64url');

/** CBOR of what a COSE key needs: small integers, byte strings, one map (RFC 8949). */
function cborHead(major, value) {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
}
function cbor(value) {
  if (typeof value === 'number') return value >= 0 ? cborHead(0, value) : cborHead(1, -1 - value);
  if (Buffer.isBuffer(value)) return Buffer.concat([cborHead(2, value.length), value]);
  return Buffer.concat([cborHead(5, value.length), ...value.flat().map(cbor)]);
}

const kinds = {
  '-7': {
    make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    cose: ({ x, y }) => [[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, 'base64url')], [-3, Buffer.from(y, 'base64url')]],
    sign: (key, bytes) => sign('sha256', bytes, key),
  },
  '-8': {
    make: () => generateKeyPairSync('ed25519'),
    cose: ({ x }) => [[1, 1], [3, -8], [-1, 6], [-2, Buffer.from(x, 'base64url')]],
    sign: (key, bytes) => sign(null, bytes, key),
  },
  '-257': {
    make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    cose: ({ n, e }) => [[1, 3], [3, -257], [-1, Buffer.from(n, 'base64url')], [-2, Buffer.from(e, 'base64url')]],
    sign: (key, bytes) => sign('sha256', bytes, key),
  },
};

export class Authenticator {
  constructor({ algorithm = -7, counts = true } = {}) {
    this.algorithm = algorithm;
    this.kind = kinds[algorithm];
    this.counts = counts;
    this.count = 0;
    this.id = randomBytes(32);
    ({ privateKey: this.key, publicKey: this.publicKey } = this.kind.make());
  }

  /** `wrong`: { origin, type, challenge, crossOrigin, rpId, flags, more } take the place of what is right. */
  #clientData(type, options, origin, wrong) {
    return Buffer.from(JSON.stringify({
      type: wrong.type ?? type, challenge: wrong.challenge ?? options.challenge, origin: wrong.origin ?? origin, crossOrigin: false, ...wrong.more,
    }));
  }

  #authenticatorData(rpId, flags, attested = Buffer.alloc(0)) {
    const count = Buffer.alloc(4);
    if (this.counts) count.writeUInt32BE(++this.count);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, attested]);
  }

  create(options, origin, wrong = {}) {
    this.userHandle = options.user.id;
    const cose = cbor(this.kind.cose(this.publicKey.export({ format: 'jwk' })));
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([this.id.length >> 8, this.id.length & 255]), this.id, cose]);
    const data = this.#authenticatorData(wrong.rpId ?? options.rp.id, wrong.flags ?? 0x45, attested);
    return {
      id: wrong.id ?? b64u(this.id), rawId: b64u(this.id), type: 'public-key', clientExtensionResults: {},
      response: {
        clientDataJSON: b64u(this.#clientData('webauthn.create', options, origin, wrong)), authenticatorData: b64u(wrong.cut ? data.subarray(0, wrong.cut) : data),
        attestationObject: '', transports: ['internal'],
      },
    };
  }

  get(options, origin, wrong = {}) {
    const data = this.#authenticatorData(wrong.rpId ?? options.rpId, wrong.flags ?? 0x05);
    const clientData = this.#clientData('webauthn.get', options, origin, wrong);
    const signature = this.kind.sign(this.key, Buffer.concat([data, sha256(clientData)]));
    if (wrong.signature) signature[signature.length - 1] ^= 1;
    return {
      id: wrong.id ?? b64u(this.id), rawId: b64u(this.id), type: 'public-key', clientExtensionResults: {},
      response: {
        clientDataJSON: b64u(clientData), authenticatorData: b64u(data), signature: b64u(signature),
        userHandle: 'userHandle' in wrong ? wrong.userHandle : this.userHandle,
      },
    };
  }
}
