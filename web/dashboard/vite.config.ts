// SPDX-License-Identifier: Apache-2.0
// The dashboard's build and its dev server. index.html ends in build/web, everything else below build/web/dashboard.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const server = process.env.CHATELAINE_URL ?? 'http://127.0.0.1:8080';
const out = process.env.WEB_OUT ?? fileURLToPath(new URL('../../build/web', import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  publicDir: false,
  logLevel: 'warn',
  esbuild: { jsx: 'automatic', legalComments: 'none' },
  build: {
    outDir: out,
    assetsDir: 'dashboard',
    emptyOutDir: false, // the widget is built into the same folder
    target: 'es2022',
    cssMinify: true,
    assetsInlineLimit: 0, // the policy allows no inline style or script; one rule for all
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: 'dashboard/manifest.json',
    rollupOptions: {
      // "use client" says something to servers that draw React; there is none here.
      onwarn: (warning, warn) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && warn(warning),
      output: {
        // Eight hex digits of the content's hash: the form by which the server knows that a file never changes.
        hashCharacters: 'hex',
        entryFileNames: 'dashboard/[name].[hash].js',
        chunkFileNames: 'dashboard/[name].[hash].js',
        assetFileNames: 'dashboard/[name].[hash][extname]',
      },
    },
  },
  server: {
    host: '127.0.0.1',
    port: Number(process.env.PORT ?? 8090),
    // `changeOrigin: false`: the server compares the Origin header with the Host it was called by.
    proxy: Object.fromEntries(['/admin/v1', '/v1', '/widget.js', '/assets'].map((path) => [path, { target: server, changeOrigin: false, ws: true }])),
  },
});
