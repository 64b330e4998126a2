// A backend behind a front that asks Chatelaine: who is it? Listens where only the front can reach it.
import { createServer } from 'node:http';

/** The visitor's identity, or null for one who is not signed in. */
export function visitorOf(request) {
  const encoded = request.headers['x-chatelaine-identity'];
  return encoded ? JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')) : null;
}

if (process.argv[1] === import.meta.filename) {
  createServer((request, response) => {
    const visitor = visitorOf(request);
    response.end(visitor ? `Hello ${visitor.name ?? visitor.sub}.\n` : 'Hello.\n');
  }).listen(9000, '127.0.0.1');
}
