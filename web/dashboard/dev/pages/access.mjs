// SPDX-License-Identifier: Apache-2.0
import { session, signedOut } from '../data.mjs';
import { problem } from '../stand-in.mjs';

export const answers = { 'GET /session': session };

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
  { name: 'invitation', path: '/invitation#iN8v2Tz', answers: out },
];
