// SPDX-License-Identifier: Apache-2.0
/** micromark looks the names of characters (`&hellip;`) up by way of innerHTML, which Trusted Types refuse, or in a table
 * of 2,125 names, which is a third of the chat's size. This gives it the names that people write; another name stays
 * as it is written. */
const names = `amp & lt < gt > quot " apos ' nbsp \u00a0 ndash – mdash — hellip … bull • middot · copy © reg ® trade ™ deg ° plusmn ± times × divide ÷
 frac12 ½ frac14 ¼ frac34 ¾ sup2 ² sup3 ³ euro € pound £ yen ¥ cent ¢ sect § para ¶ laquo « raquo » lsquo ‘ rsquo ’ ldquo “ rdquo ” sbquo ‚ bdquo „ larr ←
 uarr ↑ rarr → darr ↓ le ≤ ge ≥ ne ≠ asymp ≈ infin ∞ minus − check ✓ auml ä ouml ö uuml ü Auml Ä Ouml Ö Uuml Ü szlig ß eacute é egrave è agrave à ccedil ç ntilde ñ`;

export function characterNames() {
  const virtual = '\0character-names';
  return {
    name: 'character-names',
    enforce: 'pre',
    resolveId: (id) => (id === 'decode-named-character-reference' ? virtual : undefined),
    load(id) {
      if (id !== virtual) return undefined;
      const table = Object.fromEntries(names.split(/[ \n]+/).join(' ').match(/\S+ (?:\u00a0|\S+)/g).map((pair) => pair.split(/ (?=.+$)/)));
      return `const names = new Map(Object.entries(${JSON.stringify(table)}));
        export const decodeNamedCharacterReference = (name) => names.get(name) ?? false;`;
    },
  };
}
