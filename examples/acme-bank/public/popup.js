// SPDX-License-Identifier: Apache-2.0
// The page that the chat opened in a new tab, once somebody is signed in: it posts their token back, to a page of Acme's
// own origin and to no other, and closes.
const response = await fetch('/chat-token', { method: 'POST' });
if (response.ok && window.opener) {
  const { token } = await response.json();
  window.opener.postMessage({ type: 'chatelaine-identify', token }, location.origin);
  window.close();
}
