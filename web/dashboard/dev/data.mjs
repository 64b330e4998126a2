// SPDX-License-Identifier: Apache-2.0
// What the stand-in's installation holds; every page may use it.
export const now = Date.now();
/** The moment so many seconds ago, as the API writes it. */
export const ago = (seconds) => new Date(now - seconds * 1000).toISOString();
const hour = 3600;
const day = 86_400;

export const product = { id: 'prod_0198c0a4d1e27000a3b1c2d3e4f50617', name: 'acme-bank', version: 1, createdAt: ago(90 * day), role: 'owner' };
const counts = { issuers: 2, tools: 4, knowledge: 12, keys: 1, secrets: 2 };
export const live = {
  id: 'env_0198c0a4d1e27000a3b1c2d3e4f50618', name: 'live', kind: 'live', productId: product.id, productName: product.name, publishableKey: 'pk_4fRk2bY9qT0cW7xZ', version: 7,
  createdAt: ago(90 * day), updatedAt: ago(2 * hour), counts,
};
export const staging = { ...live, id: 'env_0198c0a4d1e27000a3b1c2d3e4f50619', name: 'staging', kind: 'other', publishableKey: 'pk_Zq81mNvB3sLd5Hj6' };

export const administrator = {
  id: 'adm_0190b6f2a1c07d3e8f4b5a6978c0d1e2', email: 'ada@acme.example', name: 'Ada Lovelace', roles: [{ product: null, productName: null, role: 'owner' }],
  hasPassword: true, hasTotp: true, passkeyCount: 1, recoveryCodesLeft: 9, isLinkedToSingleSignOn: false,
};
export const session = {
  isSignedIn: true, isSetUp: true, administrator, csrfToken: 'stand-in', isRecent: true, methods: { password: true, passkey: true, singleSignOn: { label: 'Acme SSO' } }, version: '0.1.0',
};
export const signedOut = { ...session, isSignedIn: false, administrator: null, csrfToken: null, isRecent: false };

/** "/e/env_…" and "/environments/env_…" of the live one: `${here}/tools`, `GET ${there}/tools`. */
export const here = `/e/${live.id}`;
export const there = `/environments/${live.id}`;
