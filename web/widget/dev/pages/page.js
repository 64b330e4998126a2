// SPDX-License-Identifier: Apache-2.0
// Options come from the address, so that every state has one: ?key=pk_popup&theme=dark&display=inline&dir=rtl&lang=de
const asked = Object.fromEntries(new URLSearchParams(location.search));

window.chatelaine ??= function chatelaine() {
  (window.chatelaine.q ??= []).push(arguments);
};

const people = { ada: 'Ada Lovelace', bob: 'Bob Babbage', short: 'Sam Short', expired: 'Eve Expired' };
const lifetimes = { short: 3, expired: -60 };

function makeToken(who, seconds = lifetimes[who] ?? 3600) {
  const part = (value) => btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const exp = Math.floor(Date.now() / 1000) + seconds;
  return `${part({ alg: 'none' })}.${part({ sub: who, name: people[who], exp, delay: Number(asked.delay ?? 150) })}.bm90`;
}

window.heard = [];
for (const name of ['ready', 'open', 'close', 'identity', 'identityExpired', 'authRequired', 'message', 'error', 'connection'])
  window.chatelaine('on', name, (detail) => window.heard.push([name, detail]));
if (asked.listen) window.chatelaine('on', 'signIn', () => window.chatelaine('identify', { token: makeToken('ada') }));

function start() {
  if (asked.dir) document.documentElement.dir = asked.dir;
  if (asked.lang) document.documentElement.lang = asked.lang;
  if (asked.size) document.documentElement.classList.add('large');
  const container = asked.display && asked.display !== 'launcher' ? document.getElementById('place') : null;
  window.chatelaine('init', {
    productId: 'prod_demo',
    serviceKey: asked.key ?? 'pk_demo',
    debug: true,
    ...(asked.theme ? { theme: asked.theme } : {}),
    ...(asked.display ? { display: asked.display, container } : {}),
    ...(asked.primary ? { colors: { primary: asked.primary } } : {}),
    ...(asked.lang ? { locale: asked.lang } : {}),
    ...(asked.provider
      ? { authType: asked.auth ?? 'identify', idTokenProvider: async () => ((window.asked = (window.asked ?? 0) + 1), makeToken(asked.provider)) }
      : {}),
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('button');
    if (button?.dataset.identify) window.chatelaine('identify', makeToken(button.dataset.identify));
    if (button && 'logout' in button.dataset) window.chatelaine('logout');
  });
}
window.makeToken = makeToken;
addEventListener('DOMContentLoaded', start);
