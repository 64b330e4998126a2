// SPDX-License-Identifier: Apache-2.0
import { ago, live, product, staging } from '../data.mjs';
import { listed } from '../stand-in.mjs';

const names = ['acme-bank', 'acme-insurance', 'brokerage', 'help-centre', 'intranet', 'onboarding', 'partner-portal', 'shop'];
const products = names.map((name, at) => ({ ...product, id: at === 0 ? product.id : `prod_0198c0a4d1e27000a3b1c2d3e4f5070${at}`, name, createdAt: ago(86_400 * (9 - at) * 30), role: at % 3 === 2 ? 'developer' : 'owner' }));

export const answers = {
  'GET /products': listed(products),
  [`GET /products/${product.id}`]: product,
  [`GET /products/${product.id}/environments`]: listed([live, staging]),
  [`GET /environments/${live.id}`]: live,
  [`GET /environments/${staging.id}`]: staging,
  'GET /search': { items: [{ kind: 'environment', id: staging.id, name: 'staging', productId: product.id, productName: 'acme-bank', environmentId: staging.id, environmentName: 'staging' }, { kind: 'tool', id: 'tool_1', name: 'statement', productId: product.id, productName: 'acme-bank', environmentId: live.id, environmentName: 'live' }] },
};

export const pages = [
  { name: 'products', path: '/products', environment: live.id },
  { name: 'products-first', path: '/products', answers: { 'GET /products': listed([]) } },
  { name: 'product', path: `/products/${product.id}`, environment: live.id },
  {
    name: 'product-delete', path: `/products/${product.id}`, environment: staging.id,
    act: async (page) => {
      await page.getByRole('button', { name: 'Delete…' }).click();
      await page.getByRole('dialog').getByRole('textbox').fill('acme');
    },
  },
  {
    name: 'palette', path: '/products', environment: live.id,
    act: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('st');
      await page.getByRole('option', { name: /staging/ }).waitFor();
    },
  },
  {
    name: 'drawer', path: '/products', environment: live.id,
    act: async (page) => {
      const button = page.getByRole('button', { name: 'Navigation' });
      if (await button.isVisible()) await button.click();
    },
  },
];
