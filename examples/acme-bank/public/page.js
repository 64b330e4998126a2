// SPDX-License-Identifier: Apache-2.0
// Acme's side of the chat, all of it: open the chat, say who is signed in, say when they have left.
const { product, key, signedIn } = document.currentScript.dataset;

// Calls made before the chat's own script has arrived wait in a queue.
window.chatelaine ??= function chatelaine() {
  (window.chatelaine.q ??= []).push(arguments);
};

window.chatelaine('init', { productId: product, serviceKey: key });

/** Asks Acme's backend for a token of whoever is signed in here, and hands it to the chat. */
async function identifyVisitor() {
  const response = await fetch('/chat-token', { method: 'POST' });
  if (!response.ok) return;
  const { token } = await response.json();
  window.chatelaine('identify', { token });
}

if (signedIn === 'yes') identifyVisitor();

const dialog = document.querySelector('[data-sign-in-dialog]');
const visitor = document.querySelector('.visitor');

/** The header's right end without a reload, so that the chat stays open as it is. */
function showVisitor(name) {
  visitor.replaceChildren();
  if (!name) {
    const link = Object.assign(document.createElement('a'), { className: 'button', href: '/login', textContent: 'Sign in' });
    link.dataset.signIn = '';
    visitor.append(link);
    return;
  }
  const who = Object.assign(document.createElement('span'), { className: 'who', textContent: name });
  who.dataset.who = '';
  const form = Object.assign(document.createElement('form'), { method: 'post', action: '/logout' });
  form.dataset.signOut = '';
  form.append(Object.assign(document.createElement('button'), { type: 'submit', textContent: 'Sign out' }));
  visitor.append(who, form);
}

function openSignIn() {
  dialog.querySelector('[data-sign-in-failed]').textContent = '';
  dialog.querySelector('form').reset();
  if (!dialog.open) dialog.showModal();
  dialog.querySelector('[name=login]').focus();
}

async function submitSignIn(form) {
  const response = await fetch('/login', { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(new FormData(form)) });
  if (!response.ok) {
    form.querySelector('[data-sign-in-failed]').textContent = 'That name and password do not match.';
    return;
  }
  showVisitor((await response.json()).name);
  dialog.close();
  await identifyVisitor();
}

async function signOut() {
  await fetch('/logout', { method: 'POST', headers: { Accept: 'application/json' } });
  window.chatelaine('logout');
  if (location.pathname === '/') showVisitor(null);
  else location.assign('/');
}

document.addEventListener('click', (event) => {
  const fill = event.target.closest('[data-fill-login]');
  if (fill) {
    const form = fill.closest('form');
    form.elements.login.value = fill.dataset.fillLogin;
    form.elements.password.value = fill.dataset.fillPassword;
    form.querySelector('.primary').focus();
    return;
  }
  if (event.target.closest('[data-sign-in]')) {
    event.preventDefault();
    openSignIn();
  }
});

document.addEventListener('submit', (event) => {
  if (event.target.matches('[data-sign-out]')) {
    event.preventDefault();
    signOut();
  } else if (event.target.closest('[data-sign-in-dialog]') && event.target.matches('[data-sign-in-form]')) {
    event.preventDefault();
    submitSignIn(event.target);
  }
});

// The chat's own "Sign in" button opens Acme's form, or, where somebody is signed in already and only the chat's token
// has ended, just fetches a fresh one.
window.chatelaine('on', 'signIn', () => {
  if (document.querySelector('[data-who]')) identifyVisitor();
  else openSignIn();
});
