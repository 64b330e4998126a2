// SPDX-License-Identifier: Apache-2.0
// The endpoints that the assistant may call. Each call is signed in the Standard Webhooks form: once the signature
// holds, `user` is the verified visitor and bound arguments come from their token, never from what they wrote.
import { Webhook } from 'standardwebhooks';
import { accountById, branches, money } from './people.mjs';

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The account that the call's bound argument names. It must be the user's own: Acme checks that for itself. */
function ownAccount({ arguments: given, user }) {
  const account = accountById(given.account);
  if (!user?.sub || !account || account.owner !== user.sub) throw new Refused(403, 'This account is not yours.');
  return account;
}

const tools = {
  '/tools/branches': () => ({ branches }),

  '/tools/balance': (call) => {
    const account = ownAccount(call);
    return { account: account.account, balance: money(account.cents), currency: account.currency };
  },

  '/tools/transactions': (call) => {
    const account = ownAccount(call);
    const latest = account.transactions.slice(-(call.arguments.count ?? 3)).reverse();
    return {
      account: account.account,
      transactions: latest.map((t) => ({ date: t.date, what: t.text, amount: `${money(t.cents)} ${account.currency}` })),
    };
  },

  '/tools/freeze-card': (call) => {
    const account = ownAccount(call);
    account.cardFrozen = true;
    return { account: account.account, frozen: true };
  },
};

export const isTool = (path) => Object.hasOwn(tools, path);

/** Answers one call: `body` is the request's text exactly as it came. Returns [status, JSON value]. */
export function answerTool(config, path, headers, body) {
  if (!config.toolSecret) return [503, { error: 'ACME_TOOL_SECRET_FILE is not set, so no call can be verified.' }];
  let call;
  try {
    call = new Webhook(config.toolSecret).verify(body, headers);
  } catch {
    return [401, { error: 'The signature does not hold.' }];
  }
  try {
    return [200, tools[path]({ arguments: call.arguments ?? {}, user: call.user ?? null })];
  } catch (error) {
    if (error instanceof Refused) return [error.status, { error: error.message }];
    throw error;
  }
}
