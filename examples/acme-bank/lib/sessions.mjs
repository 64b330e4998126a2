// SPDX-License-Identifier: Apache-2.0
// Acme's own sign-in: a random session id in an HttpOnly cookie, the person it stands for kept here.
import { randomBytes } from 'node:crypto';

const cookieName = 'acme_session';
const lifetimeSeconds = 8 * 3600;
const sessions = new Map(); // id → { personId, ends }

function idFrom(request) {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === cookieName) return value;
  }
  return null;
}

/** Starts a session and returns the Set-Cookie value. */
export function startSession(personId) {
  const now = Date.now();
  for (const [id, session] of sessions) if (session.ends <= now) sessions.delete(id);
  const id = randomBytes(24).toString('base64url');
  sessions.set(id, { personId, ends: now + lifetimeSeconds * 1000 });
  return `${cookieName}=${id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${lifetimeSeconds}`;
}

/** The id of the person whose session this request carries, or null. */
export function sessionPerson(request) {
  const session = sessions.get(idFrom(request));
  return session && session.ends > Date.now() ? session.personId : null;
}

/** Forgets the session and returns the Set-Cookie value that clears it. */
export function endSession(request) {
  sessions.delete(idFrom(request));
  return `${cookieName}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`;
}
