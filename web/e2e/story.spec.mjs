// SPDX-License-Identifier: Apache-2.0
// The main job as a visitor does it, at phone and desktop width, light and dark. Screenshots go to build/e2e.
import { expect, test } from './lib.mjs';

test('a visitor asks, signs in at Acme, and is answered by name; Bob gets his own; signed out, nobody’s', async ({ acme }) => {
  await acme.shot('1-acme');
  await acme.openChat();
  await acme.shot('2-greeting');
  await acme.isAccessible();

  await acme.ask('What are your business hours?');
  await acme.answered('Monday to Friday, 9:00 to 17:00');
  await acme.ask('What is my balance?');
  const signIn = acme.chat.getByRole('button', { name: 'Sign in', exact: true });
  await expect(signIn).toBeVisible();
  await acme.shot('3-sign-in-asked');
  await acme.isAccessible();

  await signIn.click();
  await acme.shot('4-acme-sign-in');
  await acme.fillSignIn('ada');
  await acme.answered('1,204.50 €');
  await expect(acme.chat.getByText('Your balance is 1,204.50 €, Ada Lovelace.')).toBeVisible();
  await expect(signIn).toBeHidden();
  await acme.shot('5-answered-for-ada');
  await acme.isAccessible();

  await acme.ask('show me the balance of account 2002');
  await expect(acme.chat.getByText('1,204.50 €')).toHaveCount(2);
  await expect(acme.chat.getByText('87.35')).toHaveCount(0);
});
