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

process.env.NODE_ENV = 'production'; // whoever calls: a test's own setting would bring in the slow variants
const here = dirname(fileURLToPath(import.meta.url));
const source = (name) => join(here, 'src', name);
const output = process.env.WEB_OUT ?? join(here, '../../build/web');

/** Whose work is in a file, on its first line. */
const licences = {
  name: 'licences',
  renderChunk: {
    order: 'post',
    handler(code, { modules }) {
      const used = new Set(Object.keys(modules).map((id) => /.*node_modules\/([^/]+)/.exec(id)?.[1]));
      const names = { dompurify: 'DOMPurify (Apache-2.0)', lucide: 'lucide (ISC)', micromark: 'micromark (MIT)', preact: 'preact (MIT)' };
      const credits = Object.keys(names).filter((name) => used.has(name)).map((name) => names[name]);
      return { code: `/*! Chatelaine widget, Apache-2.0${credits.length ? `. With ${credits.join(', ')}` : ''} */\n${code}`, map: null };
    },
  },
};

const common = {
  configFile: false,
  root: here,
  logLevel: 'warn',
  publicDir: false,
  plugins: [characterNames(), licences],
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
};
// terser makes the chat 6 % smaller than esbuild does.
const smaller = { minify: 'terser', terserOptions: { ecma: 2020, module: true, compress: { passes: 2 }, format: { comments: false } } };
const commonBuild = { target: 'es2022', ...smaller, cssMinify: true, emptyOutDir: false, reportCompressedSize: false, modulePreload: false };

mkdirSync(output, { recursive: true });

async function bundle(rollupOptions, define = {}, more = {}) {
  const results = await build({ ...common, define, build: { ...commonBuild, ...more, outDir: output, write: false, rollupOptions } });
  return (Array.isArray(results) ? results : [results]).flatMap((result) => result.output);
}

function write(path, content) {
  mkdirSync(dirname(join(output, path)), { recursive: true });
  writeFileSync(join(output, path), content);
}

/** Eight hex digits are enough: the name changes with the content, and no name is ever used for two. */
const hashOf = (content) => createHash('sha256').update(content).digest('hex').slice(0, 8);
const files = {};

function writeAsset(key, path, code) {
  write(path, code);
  files[key] = { path: `/${path}`, bytes: Buffer.byteLength(code), gzip: gzipSync(code, { level: 9 }).length };
  return `/${path}`;
}

/** A part that is loaded later, with what it loads itself (a language). Its name holds its content's hash. */
async function buildPart(name, entry) {
  const names = { entryFileNames: `assets/${name}.[hash].js`, chunkFileNames: 'assets/[name].[hash].js', hashCharacters: 'hex' };
  const chunks = await bundle({ input: source(entry), preserveEntrySignatures: 'strict', output: { format: 'es', ...names } });
  for (const chunk of chunks) writeAsset(chunk.isEntry ? name : chunk.name, chunk.fileName, chunk.code);
  return files[name].path;
}

const chatPath = await buildPart('chat', 'chat/index.tsx');
const debugPath = await buildPart('debug', 'debug.ts');

const [loader] = await bundle(
  { input: source('script.ts'), output: { format: 'iife', inlineDynamicImports: true } },
  { CHAT_PATH: JSON.stringify(chatPath), DEBUG_PATH: JSON.stringify(debugPath) },
);
writeAsset('widget', 'widget.js', loader.code);
writeAsset('widgetHashed', `widget.${hashOf(loader.code)}.js`, loader.code);

const modules = await bundle({ output: { entryFileNames: 'index.js', chunkFileNames: '[name].js' } }, {}, { lib: { entry: source('index.ts'), formats: ['es'] } });
for (const module of modules) write(`package/${module.fileName}`, module.code);
cpSync(join(here, 'package.json'), join(output, 'package/package.json'));
execFileSync(process.execPath, [
  join(here, '../node_modules/typescript/bin/tsc'), '-p', join(here, 'tsconfig.types.json'), '--outDir', join(output, 'package/types'),
], { stdio: 'inherit' });

// What an earlier build has left goes last, so that whoever reads meanwhile always finds a whole.
const kept = new Set(Object.values(files).map(({ path }) => path.slice(1)));
for (const name of [...readdirSync(output).filter((name) => /^widget.*\.js$/.test(name)), ...readdirSync(join(output, 'assets')).map((name) => `assets/${name}`)])
  if (!kept.has(name)) rmSync(join(output, name));

write('manifest.json', `${JSON.stringify(files, null, 2)}\n`);
for (const [name, { path, bytes, gzip }] of Object.entries(files)) console.log(`${name.padEnd(13)} ${path.padEnd(32)} ${bytes} B, ${gzip} gzipped`);
