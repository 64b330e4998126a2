// SPDX-License-Identifier: Apache-2.0
// Builds the widget into build/web:
//   widget.js                    the script a page loads (the loader, as an IIFE), and under its content's hash too
//   assets/chat.<hash>.js        the chat, loaded when it is opened;  assets/debug.<hash>.js  with `debug: true`
//   package/                     the npm package: ES modules and types
//   manifest.json                which file is what, with its sizes
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { characterNames } from './character-names.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const source = (name) => join(here, 'src', name);
const output = process.env.WEB_OUT ?? join(here, '../../build/web');

const common = {
  configFile: false,
  root: here,
  logLevel: 'warn',
  publicDir: false,
  plugins: [characterNames()],
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
};
// terser makes the chat 6 % smaller than esbuild does.
const smaller = { minify: 'terser', terserOptions: { ecma: 2020, module: true, compress: { passes: 2 }, format: { comments: /^!/ } } };
const commonBuild = { target: 'es2022', ...smaller, cssMinify: true, emptyOutDir: false, reportCompressedSize: false, modulePreload: false };

mkdirSync(output, { recursive: true });

async function bundle(rollupOptions, define = {}) {
  const results = await build({ ...common, define, build: { ...commonBuild, outDir: output, write: false, rollupOptions } });
  return (Array.isArray(results) ? results : [results]).flatMap((result) => result.output);
}

function write(path, content) {
  mkdirSync(dirname(join(output, path)), { recursive: true });
  writeFileSync(join(output, path), content);
}

/** Eight hex digits are enough: the name changes with the content, and no name is ever used for two. */
const hashOf = (content) => createHash('sha256').update(content).digest('hex').slice(0, 8);
const banner = '/*! Chatelaine widget, Apache-2.0. With preact (MIT), micromark (MIT), DOMPurify (Apache-2.0) and lucide icons (ISC). */';
const files = {};

function writeAsset(key, path, code) {
  write(path, code);
  files[key] = { path: `/${path}`, bytes: Buffer.byteLength(code), gzip: gzipSync(code, { level: 9 }).length };
  return `/${path}`;
}

/** A part that is loaded later, with what it loads itself (a language). Its name holds its content's hash. */
async function buildPart(name, entry) {
  const names = { entryFileNames: `assets/${name}.[hash].js`, chunkFileNames: 'assets/[name].[hash].js', hashCharacters: 'hex' };
  const chunks = await bundle({ input: source(entry), preserveEntrySignatures: 'strict', output: { format: 'es', banner, ...names } });
  for (const chunk of chunks) writeAsset(chunk.isEntry ? name : chunk.name, chunk.fileName, chunk.code);
  return files[name].path;
}

const chatPath = await buildPart('chat', 'chat/index.tsx');
const debugPath = await buildPart('debug', 'debug.ts');

const [loader] = await bundle(
  { input: source('script.ts'), output: { format: 'iife', inlineDynamicImports: true } },
  { CHAT_PATH: JSON.stringify(chatPath), DEBUG_PATH: JSON.stringify(debugPath) },
);
const script = `/*! Chatelaine widget, Apache-2.0 */\n${loader.code}`;
writeAsset('widget', 'widget.js', script);
writeAsset('widgetHashed', `widget.${hashOf(script)}.js`, script);

const modules = await bundle({
  input: source('index.ts'),
  preserveEntrySignatures: 'strict',
  output: { format: 'es', entryFileNames: 'index.js', chunkFileNames: '[name].js' },
});
for (const module of modules) write(`package/${module.fileName}`, module.code);
cpSync(join(here, 'package.json'), join(output, 'package/package.json'));
execFileSync(process.execPath, [
  join(here, '../node_modules/typescript/bin/tsc'), '-p', here, '--noEmit', 'false', '--emitDeclarationOnly', '--declaration',
  '--rootDir', join(here, 'src'), '--outDir', join(output, 'package/types'), '--types', 'vite/client',
], { stdio: 'inherit' });

// What an earlier build has left goes last, so that whoever reads meanwhile always finds a whole.
const kept = new Set(Object.values(files).map(({ path }) => path.slice(1)));
for (const name of [...readdirSync(output).filter((name) => /^widget.*\.js$/.test(name)), ...readdirSync(join(output, 'assets')).map((name) => `assets/${name}`)])
  if (!kept.has(name)) rmSync(join(output, name));

write('manifest.json', `${JSON.stringify(files, null, 2)}\n`);
for (const [name, { path, bytes, gzip }] of Object.entries(files)) console.log(`${name.padEnd(13)} ${path.padEnd(32)} ${bytes} B, ${gzip} gzipped`);
