// SPDX-License-Identifier: Apache-2.0
// What an administrator gives the assistant, and what they see of it: a tool made in the dashboard, tried as Ada, used in the real chat of
// the example app, seen in the log as it happens; the visitor signed out while the chat is open, and erased.
import { expect, test } from './dashboard.mjs';

// Each is a whole story.
test.describe.configure({ timeout: 180_000 });

const withoutBalance = { change: (document) => { document.tools = document.tools.filter(({ name }) => name !== 'get_balance'); } };

test.describe('a tool', () => {
  test.use({ bankOptions: withoutBalance });

  test('is made in the dashboard, tried as Ada, used in the chat, and seen in the log as it happens', async ({ acme, bank, dashboard }) => {
    const { page } = dashboard;
    await dashboard.open('new-tool');
    await page.getByLabel('Name', { exact: true }).fill('get balance');
    await page.getByLabel('URL').fill(`${bank.acmeUrl}/tools/balance`);
    await expect(page.getByText('1 to 64 letters, digits, underscores and hyphens')).toBeVisible();
    await page.getByLabel('Name', { exact: true }).fill('get_balance');
    await expect(page.getByText('1 to 64 letters, digits, underscores and hyphens')).toBeHidden();
    await page.getByLabel('Title').fill('Account balance');
    await page.getByLabel('Description').fill('The balance of the visitor’s own account.');
    await page.getByLabel('Required claims').fill('accountId');
    await page.getByLabel('Permissions').fill('balance:read,');
    await dashboard.button('Add a parameter').click();
    const parameter = page.getByRole('listitem').filter({ has: dashboard.button('Remove Parameter 1') });
    await parameter.getByLabel('Name').fill('account');
    await page.getByLabel('Filled from a claim').check();
    await page.getByLabel('Claim', { exact: true }).fill('accountId');
    await page.getByLabel('Required', { exact: true }).check();
    await expect(page.getByText('Filled from claim accountId at every call. The model never sees it')).toBeVisible();
    await page.getByLabel('Triggers').fill('my balance');
    await page.getByLabel('Answer').fill('Your balance is **{balance} {currency}**, {user.name}.');
    // What the model is offered has no account.
    await expect(page.getByLabel('Tool', { exact: true }).filter({ hasText: '"properties": {}' })).toBeVisible();
    await dashboard.isAccessible();
    await dashboard.button('Create tool').click();
    await expect(page.getByRole('heading', { name: 'Account balance' })).toBeVisible();

    // Without a token the gate is shut; as Ada it opens, and her account is hers whatever a prompt says.
    await page.getByRole('tab', { name: 'Try it' }).click();
    await dashboard.button('Check').click();
    await expect(page.getByText('sign-in-required')).toBeVisible();
    await page.getByLabel('Token').fill(await bank.token('ada'));
    await page.getByLabel(/^account/).fill('2002');
    await dashboard.button('Call the tool').click();
    await expect(dashboard.row('claim accountId')).toContainText('"1001"');
    await expect(dashboard.row('claim accountId')).toContainText('dropped: "2002"');
    await expect(page.getByText('Your balance is 1,204.50 €, Ada Lovelace.')).toBeVisible();
    await dashboard.isAccessible();

    // The log, followed while Ada asks in the chat.
    await dashboard.open('audit?tool=get_balance');
    await expect(dashboard.row('tool.try')).toBeVisible();
    await dashboard.button('Live').click();
    await acme.openChat();
    await acme.ask('What is my balance?');
    await acme.signInButton.click();
    await acme.fillSignIn('ada');
    await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');
    const called = dashboard.row('tool.call').filter({ hasText: 'customer-ada' });
    await expect(called).toBeVisible();
    await expect(called).toContainText('allowed');
    await dashboard.button('Pause').click();
    await called.getByRole('button').click();
    const detail = page.getByRole('dialog', { name: 'tool.call' });
    await expect(detail.getByText('value not kept')).toBeVisible();
    await dashboard.isAccessible();
    // The address names the row: somebody who is sent it sees the same.
    await expect(page).toHaveURL(/row=aud_/);
    await page.reload();
    await expect(detail.getByText('customer-ada')).toBeVisible();
  });
});

test('the log is exported with the filter that is shown', async ({ acme, dashboard }) => {
  const { page } = dashboard;
  await acme.openChat();
  await acme.ask('What is my balance?');
  await expect(acme.signInButton).toBeVisible();
  await acme.ask('Where are your branches?');
  await acme.answered('Old Town');
  await dashboard.open('audit');
  await page.getByLabel('Tool').fill('find_branches');
  await expect(page).toHaveURL(/tool=find_branches/);
  await expect(dashboard.row('find_branches')).toHaveCount(1);
  await expect(dashboard.row('get_balance')).toHaveCount(0);
  for (const [name, check] of [
    ['JSON lines', (text) => expect(text.trim().split('\n').map((line) => JSON.parse(line).tool)).toEqual(['find_branches'])],
    ['CSV', (text) => expect(text.trim().split('\n')).toHaveLength(2)],
  ]) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    check(Buffer.concat(chunks).toString('utf8'));
  }
});

test('a visitor is signed out while the chat is open, and must sign in again; then they are erased', async ({ acme, bank, dashboard }) => {
  const { page } = dashboard;
  await acme.openChat();
  await acme.ask('What is my balance?');
  await acme.signInButton.click();
  await acme.fillSignIn('ada');
  await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');
  await acme.ask('my transactions');
  await expect(acme.chat.getByRole('table')).toBeVisible();

  await dashboard.open('conversations');
  await dashboard.isAccessible();
  await page.getByRole('link', { name: 'What is my balance?' }).first().click();
  // What was asked before the sign-in stays marked as what it was.
  const said = (text) => page.getByRole('listitem').filter({ hasText: text });
  await expect(said('What is my balance?')).toContainText('anonymous');
  await expect(said('my transactions')).toContainText('verified: customer-ada');
  await expect(page.getByText('Used: Account balance')).toBeVisible();
  await dashboard.isAccessible();

  await dashboard.open('visitors');
  await page.getByLabel('Search visitors').fill('lovelace');
  await page.getByRole('link', { name: 'Ada Lovelace' }).click();
  await dashboard.isAccessible();
  await dashboard.button('Sign out now').click();
  await dashboard.button('Sign out').click();
  await expect(page.getByText('Ada Lovelace is signed out')).toBeVisible();
  // The page's token is the same as before, and no longer good.
  await acme.ask('show me the balance of account 2002');
  await expect(acme.signInButton).toBeVisible();
  // A token says its second alone (RFC 7519, NumericDate): one of the second in which she was signed out is refused, too.
  await page.waitForTimeout(1100);
  await acme.identify(await bank.token('ada'));
  await expect(acme.signInButton).toBeHidden();
  await acme.answered('Your balance is 1,204.50 €, Ada Lovelace.');

  await page.reload();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export' }).click()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  expect(JSON.parse(Buffer.concat(chunks).toString('utf8')).visitor.subject).toBe('customer-ada');
  await dashboard.button('Erase').click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(/conversations? with all messages/)).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Erase' })).toBeDisabled();
  await dialog.getByRole('textbox').fill('customer-ada');
  await dialog.getByRole('button', { name: 'Erase' }).click();
  await expect(page.getByText('made anonymous')).toBeVisible();
  await page.getByLabel('Search visitors').fill('lovelace');
  await expect(page.getByText('Nobody fits “lovelace”')).toBeVisible();
});

test('what is written for the assistant is in the chat at once, and the preview shows the draft', async ({ acme, dashboard }) => {
  const { page } = dashboard;
  await dashboard.open('new-knowledge');
  await page.getByLabel('Title').fill('Parking');
  await page.getByLabel('Triggers').fill('where can I park');
  await page.getByLabel('Text').fill('Park **behind** the Old Town branch.');
  await expect(page.locator('strong', { hasText: 'behind' })).toBeVisible();
  await dashboard.button('Create snippet').click();
  await expect(page.getByRole('heading', { name: 'Parking' })).toBeVisible();
  await page.getByLabel('A visitor asks').fill('Where can I park?');
  await dashboard.button('Ask').click();
  await expect(page.getByText('It answers from knowledge')).toBeVisible();
  await dashboard.isAccessible();

  await dashboard.open('appearance');
  const preview = page.getByRole('region', { name: 'The chat, light' });
  await expect(preview.getByText('Your balance is')).toBeVisible();
  await page.getByLabel('Title').fill('Acme answers');
  await expect(preview.getByRole('heading', { name: 'Acme answers' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Primary colour (optional)' }).fill('#f5a623');
  await expect(page.getByText('light: 2.0 : 1. Text needs 4.5 : 1')).toBeVisible();
  await page.getByRole('textbox', { name: 'Primary colour (optional)' }).fill('#7a1fa2');
  await expect(page.getByText(/Text needs/)).toBeHidden();
  await dashboard.isAccessible();
  await dashboard.button('Save').click();
  await expect(page.getByText('Pages show it when they are loaded anew.')).toBeVisible();

  await acme.page.reload();
  await acme.openChat();
  await expect(acme.chat.getByRole('heading', { name: 'Acme answers' })).toBeVisible();
  await acme.ask('Where can I park?');
  await acme.answered('behind');
});
