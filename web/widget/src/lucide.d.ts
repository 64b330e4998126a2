// SPDX-License-Identifier: Apache-2.0
declare module 'lucide/dist/esm/icons/*.mjs' {
  const shapes: readonly (readonly [string, Record<string, string | number>])[];
  export default shapes;
}
