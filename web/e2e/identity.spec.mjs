// SPDX-License-Identifier: Apache-2.0
// Who the visitor is changes while the chat is open: another account, signed out, a token that ends, a page that reloads.
import { expect, test } from './lib.mjs';

test('signed in as Bob, the very next answer is Bob’s; signed out, anonymous again', async ({ acme }) => {
  await acme.signIn('ada');
  await acme.openChat();
  await acme.ask('What is my balance?');
  await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');

  await acme.signOut();
  await expect(acme.chat.getByText('1,204.50')).toHaveCount(0); // nothing of Ada's is left on the screen
  await acme.ask('What is my balance?');
  await expect(acme.signInButton).toBeVisible();

  await acme.signInButton.click();
  await acme.fillSignIn('bob');
  await acme.answered('Your balance is 87.35 €, Bob Martin.');
  await expect(acme.chat.getByText('1,204.50')).toHaveCount(0);
});

test('from Ada to Bob without signing out of the chat', async ({ acme, bank }) => {
  await acme.openChat();
  await acme.identify(await bank.token('ada'));
  await acme.ask('What is my balance?');
  await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');
  await acme.identify(await bank.token('bob'));
  await acme.ask('What is my balance?');
  await acme.answered('Your balance is 87.35 €, Bob Martin.');
  await expect(acme.chat.getByText('1,204.50')).toHaveCount(0);
});

test('the page reloads: the conversation is there, and so is the visitor', async ({ acme, page }) => {
  await acme.openChat();
  await acme.ask('What are your business hours?');
  await acme.answered('Monday to Friday, 9:00 to 17:00');
  await acme.ask('What is my balance?');
  await expect(acme.signInButton).toBeVisible();
  await page.reload();
  await acme.openChat();
  await expect(acme.chat.getByText('What is my balance?')).toHaveCount(1);
  await expect(acme.signInButton).toBeVisible();
  await acme.signInButton.click();
  await acme.fillSignIn('ada');
  await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');
  await page.reload();
  await acme.openChat();
  await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');
  await expect(acme.chat.getByText('What is my balance?')).toHaveCount(1);
});

test('another page of Acme, another tab: the same visitor, the same conversation', async ({ acme, page, context, bank }) => {
  await acme.openChat();
  await acme.signIn('ada');
  await acme.ask('What is my balance?');
  await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');
  await page.getByRole('link', { name: 'Accounts' }).click();
  await expect(page.getByRole('heading', { name: 'Good day, Ada.' })).toBeVisible();
  await acme.openChat();
  await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');

  const other = acme.inTab(await context.newPage());
  await other.page.goto(bank.acmeUrl);
  await other.openChat();
  await other.ask('What is my balance?');
  await other.answered('Your balance is 1,204.50 €, Ada Lovelace.');
  await acme.signOut();
  await expect(other.chat.getByText('1,204.50')).toHaveCount(0);
  await other.ask('What is my balance?');
  await expect(other.signInButton).toBeVisible();
});

test('the server restarts under an open chat: nothing is lost, nothing is there twice', async ({ acme, bank }) => {
  acme.allowErrors(); // the browser writes down that the connection broke
  await acme.openChat();
  await acme.ask('What are your business hours?');
  await acme.answered('Monday to Friday, 9:00 to 17:00');
  await bank.server.kill();
  await acme.ask('What does it cost?');
  await bank.server.start();
  await acme.answered('An everyday account costs nothing.');
  await expect(acme.chat.getByText('What does it cost?')).toHaveCount(1);
  await expect(acme.chat.getByText('What are your business hours?')).toHaveCount(1);
});

test.describe('tokens that live for seconds', () => {
  test.use({ bankOptions: { tokenSeconds: 4, change: (document) => { document.config.signIn.issuers[0].leewaySeconds = 0; } } });

  test('the token ends: the chat goes on anonymously and asks again when a tool needs it', async ({ acme, page }) => {
    await acme.openChat();
    await acme.signIn('ada');
    await acme.ask('What is my balance?');
    await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');
    await page.waitForTimeout(4500);
    await acme.ask('What are your business hours?');
    await acme.answered('Monday to Friday, 9:00 to 17:00');
    await acme.ask('What is my balance?');
    await expect(acme.signInButton).toBeVisible();
    await acme.shot('7-expired');
    await acme.signInButton.click(); // still signed in at Acme: a fresh token is all it takes
    await expect(acme.chat.getByText('Your balance is 1,204.50 €, Ada Lovelace.').last()).toBeVisible();
    await expect(acme.signInButton).toBeHidden();
  });
});

for (const [keys, algorithm] of [['jwks', 'EdDSA'], ['certificates', 'RS256']]) {
  test.describe(`Acme’s own ${algorithm} keys, ${keys}`, () => {
    test.use({ bankOptions: { keys, algorithm } });
    test('signed in, keys rotated, signed in as another', async ({ acme, bank }) => {
      await acme.openChat();
      await acme.signIn('ada');
      await acme.ask('What is my balance?');
      await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');
      await bank.rotate();
      await acme.signOut();
      await acme.signIn('bob');
      await acme.ask('What is my balance?');
      await acme.answered('Your balance is 87.35 €, Bob Martin.');
    });
  });
}

test('by keyboard alone', async ({ acme, page }) => {
  const press = (key) => page.keyboard.press(key);
  const tabTo = async (locator) => {
    for (let i = 0; i < 40; i++) {
      if (await locator.evaluate((element) => element === element.getRootNode().activeElement).catch(() => false)) return;
      await press('Tab');
    }
    throw new Error('not to be reached by Tab');
  };
  await tabTo(acme.chat.getByRole('button', { name: 'Open chat' }));
  await press('Enter');
  await expect(acme.input).toBeFocused();
  await page.keyboard.type('What is my balance?');
  await press('Enter');
  await expect(acme.signInButton).toBeVisible();
  await tabTo(acme.signInButton);
  await press('Enter');
  const name = page.getByRole('dialog', { name: 'Sign in to Acme' }).getByLabel('Name');
  await expect(name).toBeFocused();
  await page.keyboard.type('ada');
  await press('Tab');
  await page.keyboard.type('analytical-engine');
  await press('Enter');
  await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');
  await tabTo(acme.chat.getByRole('button', { name: 'Close chat' }));
  await press('Enter');
  await expect(acme.chat.getByRole('button', { name: 'Open chat' })).toBeFocused();
});

test.describe('with a registered sign-in page', () => {
  test.use({ bankOptions: { change: ({ config }) => { config.signIn.signInUrl = `${config.origins[0]}/login/popup`; } } });

  test('the chat opens it in a new tab, which posts the token back and closes', async ({ acme, page }) => {
    await acme.openChat();
    await acme.ask('What is my balance?');
    const [popup] = await Promise.all([page.waitForEvent('popup'), acme.signInButton.click()]);
    await popup.getByRole('textbox', { name: 'Name' }).fill('ada');
    await popup.getByRole('textbox', { name: 'Password' }).fill('analytical-engine');
    await popup.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');
    await expect.poll(() => popup.isClosed()).toBe(true);
  });
});
