// SPDX-License-Identifier: Apache-2.0
// Acme's customers, their accounts, and what stands in them. A real bank has a database here.
import { createHash, timingSafeEqual } from 'node:crypto';

export const people = [
  {
    login: 'ada',
    password: 'analytical-engine', // shown on the demo's own pages; a real app keeps a slow hash
    id: 'customer-ada',
    name: 'Ada Lovelace',
    email: 'ada@acme.example',
    accountId: '1001',
    tier: 'gold',
    branch: 'Riverside',
    permissions: ['balance:read', 'card:freeze'],
  },
  {
    login: 'bob',
    password: 'blue-bicycle',
    id: 'customer-bob',
    name: 'Bob Martin',
    email: 'bob@acme.example',
    accountId: '2002',
    tier: 'basic',
    branch: 'Old Town',
    permissions: ['balance:read'],
  },
];

const accounts = new Map([
  ['1001', {
    account: '1001', owner: 'customer-ada', title: 'Everyday account', currency: '€', cents: 120450, cardFrozen: false,
    transactions: [
      { date: '2026-03-02', text: 'Salary, Babbage & Co', cents: 284000 },
      { date: '2026-03-03', text: 'Rent', cents: -92000 },
      { date: '2026-03-05', text: 'Card Stationers', cents: -4260 },
      { date: '2026-03-07', text: 'Riverside Market', cents: -3890 },
    ],
  }],
  ['2002', {
    account: '2002', owner: 'customer-bob', title: 'Everyday account', currency: '€', cents: 8735, cardFrozen: false,
    transactions: [
      { date: '2026-03-01', text: 'Bicycle repair', cents: -6500 },
      { date: '2026-03-04', text: 'Old Town Bakery', cents: -480 },
      { date: '2026-03-06', text: 'Refund, Wheel Works', cents: 2150 },
    ],
  }],
]);

export const branches = [
  { name: 'Riverside', street: '12 Quay Street', hours: 'Monday to Friday, 9:00 to 17:00' },
  { name: 'Old Town', street: '3 Market Square', hours: 'Monday to Friday, 9:00 to 17:00; Saturday, 10:00 to 13:00' },
];

const digest = (text) => createHash('sha256').update(String(text)).digest();

/** The person with this login and password, or null; takes as long whoever asks. */
export function signIn(login, password) {
  let found = null;
  for (const person of people) {
    const same = timingSafeEqual(digest(password), digest(person.password));
    if (person.login === login && same) found = person;
  }
  return found;
}

export const personById = (id) => people.find((person) => person.id === id) ?? null;
export const accountById = (id) => accounts.get(String(id)) ?? null;

/** 120450 → "1,204.50" */
export function money(cents) {
  const text = (Math.abs(cents) / 100).toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return cents < 0 ? `−${text}` : text;
}
