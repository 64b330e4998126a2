// SPDX-License-Identifier: Apache-2.0
// Acme's pages. `html` escapes whatever is put into it, so that no page has to remember to.
import { accountById, branches, money, people } from './people.mjs';

class Markup {
  constructor(text) {
    this.text = text;
  }
}
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (value) => {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(escaped).join('');
  return value === null || value === undefined || value === false ? '' : String(value).replace(/[&<>"']/g, (c) => escapes[c]);
};
const html = (strings, ...values) => new Markup(strings.reduce((text, part, i) => text + escaped(values[i - 1]) + part));

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M16 3 4 10v2h24v-2L16 3Zm-9 12v9h3v-9H7Zm7.5 0v9h3v-9h-3Zm7.5 0v9h3v-9h-3ZM4 26v3h24v-3H4Z"/></svg>`;

const demoPeople = html`<ul class="people">${people.map((person) => html`
        <li>
          <button type="button" class="person" data-fill-login="${person.login}" data-fill-password="${person.password}">
            <strong>${person.name}</strong>
            <span><code>${person.login}</code> · <code>${person.password}</code></span>
          </button>
        </li>`)}
      </ul>`;

const signInForm = ({ failed = false, isPopup = false } = {}) => html`<form method="post" action="/login" class="sign-in" data-sign-in-form>
      ${isPopup && html`<input type="hidden" name="popup" value="yes">`}
      <label>Name <input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <p class="failed" role="alert" data-sign-in-failed>${failed && 'That name and password do not match.'}</p>
      <button class="primary" type="submit">Sign in</button>
      <p class="note">This is a demo. These two bank here; choose one to fill in the form:</p>
      ${demoPeople}
    </form>`;

const visitorMenu = (person) => person
  ? html`<span class="who" data-who>${person.name}</span><form method="post" action="/logout" data-sign-out><button type="submit">Sign out</button></form>`
  : html`<a class="button" href="/login" data-sign-in>Sign in</a>`;

function page(config, { title, person, body, here }) {
  const link = (path, text) => html`<a href="${path}" ${here === path && html`aria-current="page"`}>${text}</a>`;
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
  <link rel="stylesheet" href="/acme.css">
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  <script src="/page.js" defer data-chat="${config.chat.url}" data-product="${config.chat.productId}" data-key="${config.chat.serviceKey}" data-signed-in="${person ? 'yes' : 'no'}"></script>
  <script src="${config.chat.url}/widget.js" async></script>
</head>
<body>
  <header class="top">
    <a class="brand" href="/">${mark}<span>Acme Bank</span></a>
    <nav aria-label="Main">${link('/', 'Home')} ${link('/accounts', 'Accounts')}</nav>
    <div class="visitor">${visitorMenu(person)}</div>
  </header>
  <main>
    ${body}
  </main>
  <footer><p>Acme Bank is made up: the example that comes with Chatelaine. No money was moved.</p></footer>
  <dialog class="card" data-sign-in-dialog aria-labelledby="sign-in-title">
    <h2 id="sign-in-title">Sign in to Acme</h2>
    ${signInForm()}
    <form method="dialog"><button class="quiet" type="submit">Not now</button></form>
  </dialog>
</body>
</html>
`.text;
}

export const homePage = (config, person) => page(config, {
  title: 'Acme Bank', person, here: '/',
  body: html`<section class="hero">
      <h1>A quiet place for your money.</h1>
      <p>Two branches, no surprises, and somebody to ask at any hour: the chat knows our opening hours, and, once you have signed in, your account.</p>
    </section>
    <section class="cards">
      <article class="card">
        <h2>Try the chat</h2>
        <ol>
          <li>Open it at the lower right and ask <q>What are your business hours?</q></li>
          <li>Then <q>What is my balance?</q> It asks you to sign in, and answers as soon as you have.</li>
          <li>As Ada, ask for <q>the balance of account 2002</q>, which is Bob’s.</li>
        </ol>
      </article>
      <article class="card">
        <h2>Our branches</h2>
        <dl>${branches.map((b) => html`<dt>${b.name}</dt><dd>${b.street}<br>${b.hours}</dd>`)}</dl>
      </article>
    </section>`,
});

export function accountsPage(config, person) {
  const account = accountById(person.accountId);
  return page(config, {
    title: 'Your accounts · Acme Bank', person, here: '/accounts',
    body: html`<h1>Good day, ${person.name.split(' ')[0]}.</h1>
    <section class="card account">
      <header><h2>${account.title}</h2><span class="number">${account.account}</span></header>
      <p class="balance">${money(account.cents)} ${account.currency}</p>
      ${account.cardFrozen && html`<p class="note">Your card is frozen.</p>`}
      <table>
        <thead><tr><th scope="col">Date</th><th scope="col">What</th><th scope="col" class="amount">Amount</th></tr></thead>
        <tbody>${account.transactions.map((t) => html`<tr><td>${t.date}</td><td>${t.text}</td><td class="amount">${money(t.cents)}</td></tr>`)}</tbody>
      </table>
    </section>`,
  });
}

/** The short pages around signing in, without the chat. */
const bare = (title, body, script = '') => html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
  <link rel="stylesheet" href="/acme.css">
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  ${script && html`<script type="module" src="${script}"></script>`}
</head>
<body><main>${body}</main></body>
</html>
`.text;

export const popupDonePage = () => bare('Signed in · Acme Bank',
  html`<section class="card narrow"><h1>You are signed in.</h1><p>Back to the chat; this tab may be closed.</p></section>`, '/popup.js');

export const loginPage = (config, { failed, isPopup }) => page(config, {
  title: 'Sign in · Acme Bank', person: null, here: '/login',
  body: html`<section class="card narrow"><h1>Sign in to Acme</h1>${signInForm({ failed, isPopup })}</section>`,
});

export const missingPage = (config, person) => page(config, {
  title: 'Not found · Acme Bank', person, here: '',
  body: html`<section class="hero"><h1>There is nothing here.</h1><p><a href="/">Go to the start</a></p></section>`,
});
