// SPDX-License-Identifier: Apache-2.0
// Builds the dashboard into build/web: index.html and dashboard/*, whose names hold their content's hash. The manifest, by which
// the size test knows what the first page loads, stands beside them and is not embedded.
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { generateTypes } from './generate.mjs';

process.env.NODE_ENV = 'production';
const output = process.env.WEB_OUT ?? fileURLToPath(new URL('../../build/web', import.meta.url));

await generateTypes();
const { output: files } = await build({ configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)) });

// What an earlier build has left goes last, so that whoever reads meanwhile always finds a whole.
renameSync(join(output, 'dashboard/manifest.json'), join(output, 'dashboard.manifest.json'));
const kept = new Set(files.map(({ fileName }) => fileName));
for (const name of readdirSync(join(output, 'dashboard'))) if (!kept.has(`dashboard/${name}`)) rmSync(join(output, 'dashboard', name), { recursive: true });
console.log(`dashboard     ${files.length} files, index.html loads ${readFileSync(join(output, 'index.html'), 'utf8').match(/(?:src|href)="\/dashboard/g).length} of them`);
