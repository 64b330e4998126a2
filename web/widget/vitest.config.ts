// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vitest/config';
import { characterNames } from './character-names.mjs';

export default defineConfig({
  plugins: [characterNames()],
  // So that the build's plugin takes the place of micromark's look-up here too.
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts'], server: { deps: { inline: [/micromark/] } }, restoreMocks: true, unstubGlobals: true },
});
