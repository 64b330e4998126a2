// SPDX-License-Identifier: Apache-2.0
// HTTP/2 as no library would send it: frames and header blocks put together by hand (RFC 9113, RFC 7541), nothing checked.

const integer = (value, prefix, first = 0) => {
  const most = (1 << prefix) - 1;
  if (value < most) return [first | value];
  const bytes = [first | most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 | rest % 128);
  return [...bytes, rest];
};

/** Header fields as literals without indexing, without Huffman: [[name, value], …], one character a byte. */
export const headerBlock = (fields) =>
  Buffer.concat(fields.map((field) => Buffer.concat([Buffer.from([0]), ...field.map((text) => Buffer.concat([Buffer.from(integer(text.length, 7)), Buffer.from(text, 'latin1')]))])));

export function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0), frame(4, 1, 0)]);

/** A whole request on a stream: its fields, its data, its trailers. */
export function request(stream, fields, data = '', trailers = null) {
  const isBare = data === '' && !trailers;
  const frames = [frame(1, 4 | (isBare ? 1 : 0), stream, headerBlock(fields))];
  if (!isBare) frames.push(frame(0, trailers ? 0 : 1, stream, Buffer.from(data, 'latin1')));
  if (trailers) frames.push(frame(1, 5, stream, headerBlock(trailers)));
  return Buffer.concat(frames);
}
