// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { patchBlocks, renderMarkdown } from '../src/chat/markdown';
import { en } from '../src/chat/messages/en';
import { translator } from '../src/chat/translate';

const t = translator(en, 'en');
const naughty = JSON.parse(readFileSync(join(import.meta.dirname, '../../../tests/vectors/text/naughty-strings.json'), 'utf8')) as string[];

const tags = new Set('a blockquote br code del div em h3 hr li ol p pre strong table tbody td th thead tr ul'.split(' '));
const attributes: Record<string, RegExp> = {
  align: /^(left|right|center)$/,
  'aria-label': /^(Table|Code)$/,
  class: /^wide$/,
  dir: /^auto$/,
  href: /^(https?:\/\/|mailto:|tel:)/i,
  rel: /^noopener nofollow$/,
  role: /^group$/,
  start: /^\d+$/,
  tabindex: /^0$/,
  target: /^_blank$/,
  title: /^/,
};

/** Everything in it is of the few elements and attributes that the chat's answers are made of. */
function expectSafe(markdown: string): HTMLElement {
  const host = document.createElement('div');
  host.append(renderMarkdown(markdown, t));
  for (const element of host.querySelectorAll('*')) {
    expect(tags, `${markdown} gave <${element.localName}>`).toContain(element.localName);
    for (const { name, value } of element.attributes) {
      expect(Object.keys(attributes), `${markdown} gave ${name}`).toContain(name);
      expect(value, `${markdown} gave ${name}="${value}"`).toMatch(attributes[name] ?? /(?!)/);
    }
    if (element.localName === 'a') expect([element.getAttribute('rel'), element.getAttribute('target')]).toEqual(['noopener nofollow', '_blank']);
  }
  return host;
}

const attacks = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<details open ontoggle=alert(1)>',
  '<style>@import "//evil.example"</style>',
  '<link rel=stylesheet href=//evil.example>',
  '<meta http-equiv=refresh content="0;url=//evil.example">',
  '<base href="//evil.example/">',
  '<object data="javascript:alert(1)">',
  '<form action="//evil.example"><input name=password></form>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java\nscript:alert(1))',
  '[x](java&#x0A;script:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](vbscript:msgbox(1))',
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[x](file:///etc/passwd)',
  '[x](blob:https://acme.example/1)',
  '[x](//evil.example)',
  '[x](/account/delete)',
  '[x](#chatelaine-title)',
  '[x](https://ok.example "title\\" onmouseover=alert(1) x=\\"")',
  '![x](https://tracker.example/pixel.gif)',
  '![x](javascript:alert(1))',
  '![x](x"onerror="alert(1))',
  '![" onerror="alert(1)](https://ok.example/)',
  '<javascript:alert(1)>',
  '<https://ok.example/"onmouseover="alert(1)>',
  'https://ok.example/"onmouseover="alert(1)',
  'www.ok.example/<script>alert(1)</script>',
  '```html"><script>alert(1)</script>\n<script>alert(1)</script>\n```',
  '`<img src=x onerror=alert(1)>`',
  '| <script>alert(1)</script> | b |\n|--|--|\n| [x](javascript:alert(1)) | ![y](//evil.example/z) |',
  '[a]: javascript:alert(1)\n\n[a]',
  '[![nested](https://tracker.example/)](javascript:alert(1))',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '# <img src=x onerror=alert(1)> #',
  '> <svg onload=alert(1)>\n> - <a href=data:text/html,x>y</a>',
  '<p id=chatelaine-title class=panel style="position:fixed;inset:0" data-x=1 dir=rtl>over</p>',
];

describe('an answer cannot do anything but be read', () => {
  it.each(attacks)('%s', (attack) => {
    expectSafe(attack);
    expectSafe(`Text before ${attack} and after`);
    expectSafe(`- item\n\n  ${attack}`);
  });

  it(`nor can any of the ${naughty.length} naughty strings`, () => {
    expect(naughty.length).toBeGreaterThan(400);
    for (const text of naughty) {
      expectSafe(text);
      expectSafe(`**${text}** [${text}](${text}) ![${text}](${text}) \`${text}\``);
    }
  });

  it('nor two attacks one upon the other', () => {
    attacks.forEach((one, at) => [1, 2, 3, 5, 8, 13].forEach((step) => expectSafe(`${one}${attacks[(at + step) % attacks.length]}`)));
  });
});

describe('rendering', () => {
  const html = (markdown: string): string => expectSafe(markdown).innerHTML;

  it('has emphasis, lists and code', () => {
    expect(html('Your balance is **1,204.50 €**, *Ada*, ~~not less~~.')).toBe('<p dir="auto">Your balance is <strong>1,204.50 €</strong>, <em>Ada</em>, <del>not less</del>.</p>');
    expect(html('3. three\n4. four')).toContain('<ol start="3">');
    expect(html('`a < b`')).toContain('<code>a &lt; b</code>');
  });

  it('gives links away', () => {
    expect(html('[help](https://acme.example/?a=1&b=2)')).toBe(
      '<p dir="auto"><a href="https://acme.example/?a=1&amp;b=2" rel="noopener nofollow" target="_blank">help</a></p>',
    );
    expect(html('see https://acme.example.')).toContain('<a href="https://acme.example"');
    expect(html('mail ada@acme.example')).toContain('href="mailto:ada@acme.example"');
  });

  it('makes text of links that lead nowhere good', () => expect(html('[x](javascript:alert(1)) [y](/here)')).toBe('<p dir="auto">x y</p>'));

  it('shows pictures as links, and fetches none', () => {
    expect(html('![a chart](https://pictures.example/chart.png)')).toContain('>a chart</a>');
    expect(html('![](https://pictures.example/chart.png)')).toContain('>Image</a>');
    expect(html('[![a chart](https://pictures.example/chart.png)](https://acme.example/)')).toContain('target="_blank">a chart</a>');
  });

  it('lets tables and code scroll by themselves', () => {
    expect(html('| a | b |\n|--|--:|\n| 1 | 2 |')).toMatch(/^<div class="wide" role="group" tabindex="0" aria-label="Table"><table>/);
    expect(html('| a | b |\n|--|--:|\n| 1 | 2 |')).toContain('<td align="right" dir="auto">2</td>');
    expect(html('```js\nx\n```')).toMatch(/^<div class="wide" role="group" tabindex="0" aria-label="Code"><pre><code>x/);
  });

  it('has headings of one rank, below the panel\'s own', () => expect(html('# One\n\n###### Six')).toMatch(/<h3 dir="auto">One<\/h3>\s*<h3 dir="auto">Six<\/h3>/));
  it('knows the names of common characters', () => expect(html('&hellip;&nbsp;&amp;&euro;&#33;&notaname;')).toContain('…&nbsp;&amp;€!&amp;notaname;'));
});

describe('an answer that grows', () => {
  it('leaves the blocks alone that are the same', () => {
    const target = document.createElement('div');
    patchBlocks(target, renderMarkdown('First.\n\nSec', t));
    const [first, second] = target.children;
    patchBlocks(target, renderMarkdown('First.\n\nSecond.\n\n- third', t));
    expect(target.children[0]).toBe(first);
    expect(target.children[1]).not.toBe(second);
    expect(target.textContent?.replace(/\s/g, '')).toBe('First.Second.third');
    patchBlocks(target, renderMarkdown('First.', t));
    expect(target.children).toHaveLength(1);
  });
});
