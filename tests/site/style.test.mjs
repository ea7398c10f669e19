// style.test.mjs: the style sheets as they are served. A browser reads in them what it reads in those that
// were written: same rules, same values, in the same order. Pages load the sheets they need and no others.
import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium, root } from './lib.mjs';
import { kinds, newsroom } from './newsroom.mjs';

const folders = ['theme/style', 'themes/magazine/style'];
const sheets = (await Promise.all(folders.map(async (folder) => (await readdir(join(root, folder)))
  .filter((name) => name.endsWith('.css')).map((name) => join(root, folder, name))))).flat();
const ours = (await Promise.all(sheets.map((file) => readFile(file, 'utf8'))))
  .map((css) => css.replace(/url\(\.\.\/fonts\/(display|plain)[^)]*\)/g, 'url(#$1)')).join('\n'); // the magazine's own faces
const odd = `
.a\\26  b { color : red } .a\\26 b {color:blue;;} .\\{ , .\\;c{content:"/* not a comment */ ; } " ;}
d { background: url( data:image/gif;base64,AA ) , url( "#x  y" ); width: calc( 100% - 2 * ( 1px + -1px ) ) }
e/* x */f, e /* x */ f { --a: { b : c } ; --empty: ; --list : 1 , 2 ; margin: -1px+1px }
g:not( .h , .i ) > j ~ k + l::before { content: 'it\\'s \\
 two  lines' ; font : 400 1rem / 1.4 x , y }
@media screen and ( min-width : 40rem ) { @supports ( display : grid ) and (not (display: x)) { m { n: o; order : 1 } } }
p[q = "r  s" i] { order: 2 !important ; } /* ; } */ t { order: 3 }
@font-face { font-family: "U"; src: local( "U  V" ); unicode-range: U+20-7E , U+A0 ; }
u { content: 'open
; } v { order: 4 }
`;

describe('style sheets', () => {
  let p, browser, address;
  before(async () => {
    p = await newsroom();
    await mkdir(join(p.folder, 'theme/style'), { recursive: true });
    await mkdir(join(p.folder, 'theme/templates'), { recursive: true });
    await writeFile(join(p.folder, 'theme/style/ORDER'), '*\n[ours]\nours.css\n[odd]\nodd.css\n');
    await writeFile(join(p.folder, 'theme/style/ours.css'), ours);
    await writeFile(join(p.folder, 'theme/style/odd.css'), odd);
    await writeFile(join(p.folder, 'theme/templates/nameplate.html'), '<i data-ours="{{asset.style-ours}}" data-odd="{{asset.style-odd}}">Name</i>');
    await p.serve();
    browser = await chromium();
    const front = await p.html('/');
    address = (name) => new RegExp(`data-${name}="([^"]+)"`).exec(front)[1];
  });
  after(async () => {
    await browser?.close();
    await p.end();
  });

  test('a browser reads the same in them as in those that were written', async () => {
    const page = await browser.newPage();
    const read = (css) => page.evaluate((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return [...sheet.cssRules].map((rule) => rule.cssText.replace(/url\("[^"]*\/(\w[\w-]*)\.(?:[0-9a-f]{12}\.)?woff2"\)/g, 'url($1)').replace(/\s+/g, ' ').replace(/ ?([,;{}]) ?/g, '$1'));
    }, css); // values with var() are shown as they were typed
    for (const [name, css] of [['ours', ours], ['odd', odd]]) {
      const served = await p.text(address(name));
      const [was, is] = [await read(css), await read(served)];
      assert.ok(was.length > 5, name);
      for (let i = 0; i < Math.max(was.length, is.length); i++) assert.equal(is[i], was[i], name);
      assert.ok(served.length < css.length, name);
    }
    assert.ok(!(await p.text(address('ours'))).includes('/*'));
    await page.close();
  });

  test('every class that a sheet of its own dresses is on no page without that sheet', async () => {
    const order = (await readFile(join(root, 'theme/style/ORDER'), 'utf8')).split(/^\[(\w+)\]$/m).slice(1);
    const css = {};
    for (let i = 0; i < order.length; i += 2)
      css[order[i]] = (await Promise.all(order[i + 1].match(/^\w+\.css$/gm).map((file) => readFile(join(root, 'theme/style', file), 'utf8')))).join('\n');
    const names = Object.keys(css).filter((name) => name !== 'embed'); // a page of its own, which shares words with others
    for (const name of ['front', 'story', 'live', 'history', 'search', 'lists']) assert.ok(names.includes(name), name);
    const common = await p.text(/href="([^"]*style\.[0-9a-f]+\.css)"/.exec(await p.html('/'))[1]);
    const classes = (text) => new Set([...text.replace(/\/\*.*?\*\//gs, '').matchAll(/\.([a-z][\w-]*)(?=[^{}]*\{)/g)].map((m) => m[1]));
    const more = { history: '/world/lamp/history', search: '/search?q=lamp', corrections: '/corrections', archive: '/date', saved: '/saved', 'most read': '/most-read' };
    for (const [kind, path] of Object.entries({ ...kinds, ...more })) {
      const html = await p.html(path);
      const loaded = names.filter((name) => html.includes(`/assets/style-${name}.`));
      const dressed = new Set([...classes(common), ...loaded.flatMap((name) => [...classes(css[name])])]);
      const used = new Set([...html.matchAll(/ class="([^"]*)"/g)].flatMap((m) => m[1].split(/\s+/)));
      for (const name of names.filter((one) => !loaded.includes(one)))
        for (const one of classes(css[name]))
          assert.ok(!used.has(one) || dressed.has(one), `${kind} (${path}): .${one} is dressed by style-${name}`);
    }
  });
});
