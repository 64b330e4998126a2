// SPDX-License-Identifier: Apache-2.0
import { administrator, ago, live, product, session, signedOut } from '../data.mjs';
import { listed, problem } from '../stand-in.mjs';

const account = { ...administrator, version: 3, createdAt: ago(90 * 86_400), lastSignInAt: ago(300) };
const person = (id, name, email, roles, more = {}) => ({
  id: `adm_0190b6f2a1c07d3e8f4b5a6978c0d1e${id}`, email, name, roles, state: 'active', hasPassword: true, hasTotp: true, passkeyCount: 1, isLinkedToSingleSignOn: false, invitationExpiresAt: null, version: 2,
  createdAt: ago(80 * 86_400), lastSignInAt: ago(7200 * (id + 1)), ...more,
});
const inBank = (role) => ({ product: product.id, productName: 'acme-bank', role });
const people = [
  person(2, 'Ada Lovelace', 'ada@acme.example', administrator.roles, { lastSignInAt: ago(300) }),
  person(3, 'Charles Babbage', 'charles@acme.example', [inBank('admin'), { product: 'prod_2', productName: 'brokerage', role: 'developer' }], { passkeyCount: 0 }),
  person(4, 'Grace Hopper', 'grace@acme.example', [{ product: null, productName: null, role: 'developer' }], { hasTotp: false }),
  person(5, 'Katherine Johnson', 'katherine@acme.example', [inBank('viewer')], { hasTotp: false, passkeyCount: 0 }),
  person(6, 'Mary Somerville', 'mary@acme.example', [inBank('developer')], { state: 'invited', hasTotp: false, hasPassword: false, passkeyCount: 0, lastSignInAt: null, invitationExpiresAt: ago(-5 * 86_400) }),
];
const grace = people[2];
let isChanged = false;
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const safari = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1';
const mySession = (id, isCurrent, userAgent, method, seconds) => ({ id, isCurrent, method, createdAt: ago(seconds * 20), lastUsedAt: ago(seconds), expiresAt: ago(-86_400), address: '203.0.113.7', userAgent });

export const answers = {
  'GET /session': session,
  'GET /account': account,
  'GET /account/passkeys': listed([{ id: 'pas_1', name: 'Laptop', createdAt: ago(40 * 86_400), lastUsedAt: ago(3600) }]),
  'GET /account/sessions': listed([mySession('ases_1', true, firefox, 'passkey', 5), mySession('ases_2', false, safari, 'password', 9000)]),
  'GET /account/api-tokens': listed([{ id: 'tok_1', name: 'deploy', hint: 'ca_V2hv', scopes: ['read', 'configure'], product: product.id, createdAt: ago(86_400 * 20), expiresAt: ago(-86_400 * 70), lastUsedAt: ago(1200) }]),
  'POST /account/totp': { secret: 'JBSWY3DPEHPK3PXPJBSWY3DP', uri: 'otpauth://totp/Chatelaine:ada%40acme.example?secret=JBSWY3DPEHPK3PXPJBSWY3DP&issuer=Chatelaine' },
  'POST /account/recovery-codes': { recoveryCodes: ['7f3kq-m2xw9', 'p8dne-r4vtc', 'b6yhj-k9s2m', 'x3wfa-q7uzg', 'n5rcl-t8ebd', 'h2vqk-j6mxp', 'w9gsd-y4fna', 'c7tzr-b3khu', 'm4pje-v8wcq', 'd6xna-g2ysf'] },
  'GET /admins': listed(people),
  [`GET /admins/${grace.id}`]: grace,
};

const out = { 'GET /session': signedOut, 'POST /session/passkey/options': problem(403, 'not-here', 'Not here', '') };

export const pages = [
  { name: 'sign-in', path: '/sign-in', answers: out },
  {
    name: 'sign-in-wrong', path: '/sign-in', isFullPage: true,
    answers: { ...out, 'POST /session': problem(401, 'credentials-wrong', 'E-mail or password is wrong', 'One of the two does not fit. Look at the keyboard’s language, or ask an owner for a link to set a new password.') },
    act: async (page) => {
      await page.getByLabel('E-mail').fill('ada@acme.example');
      await page.getByLabel('Password').fill('not the password');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByText('E-mail or password is wrong').waitFor();
    },
  },
  {
    name: 'second-factor', path: '/sign-in', isFullPage: true,
    answers: { ...out, 'POST /session': problem(401, 'second-factor-required', 'A second factor is needed', '', { methods: ['totp', 'recovery-code', 'passkey'] }) },
    act: async (page) => {
      await page.getByLabel('E-mail').fill('ada@acme.example');
      await page.getByLabel('Password').fill('correct horse battery staple');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByLabel('One-time code').waitFor();
    },
  },
  { name: 'setup', path: '/setup#vH3k9QpLx2', answers: { 'GET /session': { ...signedOut, isSetUp: false } } },
  { name: 'not-set-up', path: '/sign-in', answers: { 'GET /session': { ...signedOut, isSetUp: false } } },
  { name: 'account', path: '/account', environment: live.id },
  { name: 'account-codes', path: '/account', environment: live.id, isFullPage: true, act: (page) => page.getByRole('button', { name: 'New recovery codes' }).click() },
  {
    name: 'account-totp', path: '/account', environment: live.id, answers: { 'GET /account': { ...account, hasTotp: false } },
    act: async (page) => {
      await page.getByRole('button', { name: 'Set up' }).click();
      await page.getByRole('img', { name: /QR code/ }).waitFor();
    },
  },
  {
    name: 'account-token', path: '/account', environment: live.id,
    act: (page) => page.getByRole('button', { name: 'New token' }).click(),
  },
  {
    name: 'account-again', path: '/account', environment: live.id,
    answers: { 'POST /account/recovery-codes': problem(403, 'recent-sign-in-required', 'Sign in again', ''), 'POST /session/confirm': problem(401, 'credentials-wrong', 'The password is wrong', 'Look at the keyboard’s language.') },
    act: async (page) => {
      await page.getByRole('button', { name: 'New recovery codes' }).click();
      await page.getByRole('dialog').getByLabel('Password').fill('wrong');
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByText('The password is wrong').waitFor();
    },
  },
  { name: 'admins', path: '/admins', environment: live.id },
  {
    name: 'admins-invite', path: '/admins', environment: live.id,
    act: async (page) => {
      await page.getByRole('button', { name: 'Invite' }).click();
      await page.getByRole('dialog').getByRole('combobox', { name: 'In' }).click();
      await page.getByRole('option', { name: 'brokerage' }).waitFor();
    },
  },
  {
    name: 'admins-invited', path: '/admins', environment: live.id, isFullPage: true,
    answers: { 'POST /admins': { administrator: people[4], invitation: { token: 'iN8v2TzQ0pLx7RbK', expiresAt: ago(-7 * 86_400) } } },
    act: async (page) => {
      await page.getByRole('button', { name: 'Invite' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Mary Somerville');
      await page.getByRole('textbox', { name: 'E-mail' }).fill('mary@acme.example');
      await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
      await page.getByText('/invitation#').waitFor();
    },
  },
  { name: 'administrator', path: `/admins/${grace.id}`, environment: live.id },
  {
    name: 'administrator-conflict', path: `/admins/${grace.id}`, environment: live.id,
    answers: {
      [`PATCH /admins/${grace.id}`]: () => {
        isChanged = true;
        return problem(412, 'changed-meanwhile', 'Changed meanwhile', 'Somebody else has changed it since you read it.');
      },
      [`GET /admins/${grace.id}`]: () => {
        const answer = isChanged ? { ...grace, name: 'Rear Admiral Hopper' } : grace;
        isChanged = false; // for the next picture
        return answer;
      },
    },
    act: async (page) => {
      await page.getByRole('textbox', { name: 'Name' }).fill('Grace B. Hopper');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('button', { name: 'See the difference' }).click();
      await page.getByText('Rear Admiral Hopper').waitFor();
    },
  },
  { name: 'not-found', path: '/e/env_gone/overview', answers: { 'GET /environments/env_gone': problem(404, 'not-found', 'Not found', '') , 'GET /environments/env_gone/statistics': problem(404, 'not-found', 'Not found', '') } },
  { name: 'invitation', path: '/invitation#iN8v2Tz', answers: out },
];
