// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { errorsAt, newTool, offeredParameters, otherErrors, parameterErrors, removeParameter, renameParameter, type Tool, writeTool } from '../../src/pages/assistant/tool';

const balance: Tool = {
  name: 'get_balance', url: 'https://acme.example/balance', access: 'sign-in', requiredClaims: ['accountId'], permissions: ['balance:read'],
  parameters: { type: 'object', properties: { account: { type: 'string' }, day: { type: 'string' } } },
  bind: { account: 'accountId' }, auditValues: ['account', 'day'], triggers: ['balance of {account}', 'balance of {account} on {day}'], answer: '{account}: {balance}',
};

it('a parameter’s new name goes everywhere the tool speaks of it, but for the answer, which speaks of the result', () => {
  expect(renameParameter(balance, 'account', 'iban')).toEqual({
    ...balance, bind: { iban: 'accountId' }, auditValues: ['iban', 'day'], triggers: ['balance of {iban}', 'balance of {iban} on {day}'],
  });
  expect(renameParameter(balance, 'account', '')).toBe(balance);
  expect(renameParameter({ name: 'x', url: 'y' }, 'a', 'b')).toEqual({ name: 'x', url: 'y' });
});

it('a parameter that goes leaves no binding behind', () => {
  expect(removeParameter(balance, 'account')).toEqual({ ...balance, bind: {}, auditValues: ['day'] });
});

it('a public tool asks nothing of its visitor; empty members are not written', () => {
  const written = writeTool({ ...balance, access: 'public', title: '', triggers: [], description: 'x' });
  expect(written).toEqual({ name: 'get_balance', url: balance.url, access: 'public', parameters: balance.parameters, auditValues: ['account', 'day'], answer: balance.answer, description: 'x' });
  expect(writeTool(balance)).toEqual(balance);
  expect(writeTool(newTool())).toEqual(newTool());
});

it('the model is offered what is not bound', () => {
  expect(offeredParameters(balance)).toEqual(['day']);
  expect(offeredParameters({ ...balance, access: 'public' })).toEqual(['account', 'day']);
});

it('errors stand at their place', () => {
  const errors = ['/url', '/parameters/properties/account/minimum', '/parameters/properties/accounts', '/bind/account', '/auditValues/0', '/', ''].map((pointer) => ({ pointer, detail: 'wrong' }));
  expect(errorsAt(errors, '/url')).toHaveLength(1);
  expect(parameterErrors(errors, balance, 'account').map(({ pointer }) => pointer)).toEqual(['/parameters/properties/account/minimum', '/bind/account', '/auditValues/0']);
  expect(otherErrors(errors).map(({ pointer }) => pointer)).toEqual(['/', '']);
});
