// SPDX-License-Identifier: Apache-2.0
// The main job as a visitor does it, at phone and desktop width, light and dark. Screenshots go to build/e2e.
import { expect, test } from './lib.mjs';

test('a visitor asks, signs in at Acme, and the waiting question is answered by name', async ({ acme }) => {
  await acme.shot('1-acme');
  await acme.openChat();
  await acme.shot('2-greeting');
  await acme.isAccessible();

  await acme.ask('What are your business hours?');
  await acme.answered('Monday to Friday, 9:00 to 17:00');
  await acme.ask('What is my balance?');
  await expect(acme.signInButton).toBeVisible();
  await acme.shot('3-sign-in-asked');
  await acme.isAccessible();

  await acme.signInButton.click();
  await acme.shot('4-acme-sign-in');
  await acme.fillSignIn('ada');
  await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');
  await expect(acme.signInButton).toBeHidden();
  await acme.shot('5-answered-for-ada');
  await acme.isAccessible();

  await acme.ask('show me the balance of account 2002');
  await expect(acme.chat.getByText('Your balance is 1,204.50 €, Ada Lovelace.')).toHaveCount(2);
  await expect(acme.chat.getByText('87.35')).toHaveCount(0);
  await acme.ask('my transactions');
  await expect(acme.chat.getByRole('table')).toBeVisible();
  await acme.shot('6-table');
  await acme.isAccessible();
});
