// SPDX-License-Identifier: Apache-2.0
/** An issuer as it stands in `config.signIn.issuers`, and what a form needs to know of it. */
import type { ProviderId } from './guide';
import type { Mapping } from './mapping';

export interface ProviderSettings {
  id: ProviderId;
  fields: Record<string, string>;
  offlineAccess?: boolean;
}

export interface Issuer {
  name: string;
  mode: 'hmac' | 'key-set';
  provider?: ProviderSettings;
  keySetUrl?: string;
  keys?: object;
  issuer?: string;
  audiences?: string[];
  types?: string[];
  algorithms?: string[];
  leewaySeconds?: number;
  permissionClaims?: string[];
  mapping?: Mapping;
}

export type IssuerKind = 'hmac' | 'key-set' | 'provider';
export const kindOf = (issuer: Issuer): IssuerKind => (issuer.provider ? 'provider' : issuer.mode);
/** Whether its keys come from an address; a shared secret and pasted keys are here already. */
export const fetchesKeys = (issuer: Issuer) => kindOf(issuer) !== 'hmac' && !issuer.keys;

export const algorithmsOf = {
  hmac: ['HS256', 'HS384', 'HS512'],
  'key-set': ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
} as const;

/** Letters, digits, '-', '_', '.', as src/identity/sign_in.c has it. */
const namePattern = /^[A-Za-z0-9._-]{1,64}$/;

export function problemOfName(name: string, others: readonly string[]): string | null {
  if (name === '') return 'Give it a name, for the log: shop, login, …';
  if (!namePattern.test(name)) return 'Letters, digits, “-”, “_” and “.”, 64 at most.';
  if (others.includes(name)) return `There is another issuer named “${name}”.`;
  return null;
}

/** A name that no other has: `login`, `login-2`, … */
export function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let number = 2; taken.includes(name); number++) name = `${wanted}-${number}`;
  return name;
}

export function problemOfKeySetUrl(url: string): string | null {
  if (url.trim() === '') return null; // half set up is allowed, and said
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return 'Write the whole address: https://id.example/.well-known/jwks.json';
  }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return 'An address that begins with https://';
  if (parsed.username !== '' || parsed.password !== '') return 'Without a name and password: a key set is public.';
  return null;
}

/** Pasted keys: a JWK set, one JWK, or Firebase's map of certificates. */
export function readKeys(text: string): { keys: object | null; problem: string | null } {
  if (text.trim() === '') return { keys: null, problem: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { keys: null, problem: `This is not JSON: ${(error as Error).message}.` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { keys: null, problem: 'A JWK set begins with {"keys": [ … ]}.' };
  const object = value as Record<string, unknown>;
  if ('kty' in object) return readKeys(JSON.stringify({ keys: [object] }));
  if (Array.isArray(object.keys)) {
    const secret = object.keys.find((key: unknown) => typeof key === 'object' && key !== null && ('d' in key || 'k' in key));
    if (secret !== undefined) return { keys: null, problem: 'A private or secret key is among them. Paste the public keys alone, and replace that one: it has been shown.' };
    return { keys: object, problem: null };
  }
  if (Object.values(object).length > 0 && Object.values(object).every((one) => typeof one === 'string' && one.includes('BEGIN CERTIFICATE'))) return { keys: object, problem: null };
  return { keys: null, problem: 'Neither a JWK set nor a map of key ids to certificates.' };
}

/** One value a line, or between commas where values hold none. */
export const listOf = (text: string): string[] => [...new Set(text.split(/\r?\n|,/).map((one) => one.trim()).filter((one) => one !== ''))];

/** The issuer without what says nothing: an empty list means "not checked" by its absence. */
export function tidy(issuer: Issuer): Issuer {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(issuer)) {
    if (value === undefined || value === null || value === '') continue;
    if (Array.isArray(value) && value.length === 0) continue;
    if (name === 'mapping' && Object.keys(value as object).length === 0) continue;
    result[name] = value;
  }
  if (result.mode === 'hmac') {
    delete result.keySetUrl;
    delete result.keys;
  }
  if (result.keySetUrl !== undefined && result.keys !== undefined) delete result.keys;
  return result as unknown as Issuer;
}

/** What stands in one line about an issuer. */
export function summaryOf(issuer: Issuer): string {
  if (issuer.provider) return issuer.issuer ?? issuer.keySetUrl ?? 'By the provider’s own rules';
  if (issuer.mode === 'hmac') return issuer.issuer ? `Shared secret, issuer ${issuer.issuer}` : 'Shared secret';
  if (issuer.keySetUrl) return issuer.keySetUrl;
  return issuer.keys ? 'Pasted keys' : 'No key set yet';
}

/** Writes a value at a JSON pointer into the sign-in settings, as a fix proposes it: into a list it is added, elsewhere it replaces.
 * Gives a copy; undefined where the pointer leads nowhere. */
export function applyFix<T>(settings: T, pointer: string, value: string): T | undefined {
  const parts = pointer.split('/').slice(1).map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'));
  if (parts.length === 0) return undefined;
  const copy = structuredClone(settings);
  let at: unknown = copy;
  for (const part of parts.slice(0, -1)) {
    if (typeof at !== 'object' || at === null || !(part in at)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  if (typeof at !== 'object' || at === null) return undefined;
  const holder = at as Record<string, unknown>;
  const last = parts.at(-1)!;
  const old = holder[last];
  const isList = ['audiences', 'types', 'algorithms', 'origins', 'permissionClaims'].includes(last);
  if (isList) holder[last] = [...new Set([...(Array.isArray(old) ? (old as string[]) : []), value])];
  else holder[last] = value;
  return copy;
}
