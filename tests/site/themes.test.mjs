// themes.test.mjs: every theme that comes along, from left to right and from right to left, light and
// dark, on a phone and on a desk: axe finds nothing, nothing is too wide, every word is a message's, the
// HTML is valid; and what a publication says in French, and of its own theme.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { chromium, plainly, root, stet } from './lib.mjs';
import { kinds, many, newsroom } from './newsroom.mjs';
import { weigh } from './weigh.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const keys = (await readFile(join(root, 'theme/messages/en.txt'), 'utf8')).split('\n')
  .filter((l) => l.includes('=') && !l.startsWith('#')).map((l) => l.split('=')[0].trim());
const groups = [...new Set(keys.map((k) => k.split('.')[0]))];
const asKey = new RegExp(`(?<![\\w.])(?:${groups.join('|')})\\.[a-z][a-z0-9-]*(?:\\.[a-z0-9-]+)*(?![\\w/])`, 'g');

// Stories in another language than the page's, one of either direction.
const mixed = {
  'stories/arabic.md': '---\nheadline: الميناء يعمل ليلًا من جديد (الرصيف 4)\nslug: arabic\nsection: harbour\nlanguage: ar\npublished: 2023-04-01 08:00\n---\nعادت الرافعات إلى العمل.\n',
  'stories/francais.md': '---\nheadline: "Le port travaille de nouveau la nuit : quai n° 4"\nslug: francais\nsection: harbour\nlanguage: fr\npublished: 2023-02-01 08:00\nupdated: 2023-02-02 09:05\n---\nLes grues sont revenues.\n',
};
const pages = { ...kinds, 'an Arabic story': '/harbour/arabic', 'a French story': '/harbour/francais', 'second page': null };

const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  rules: {
    'long-title': 'off', 'no-trailing-whitespace': 'off', 'void-style': ['error', { style: 'omit' }], 'tel-non-breaking': 'off',
    'no-raw-characters': ['error', { relaxed: true }], 'no-inline-style': 'error', 'require-sri': 'off',
  },
});

async function valid(html) {
  const report = await validator.validateString(html);
  return report.results.flatMap((r) => r.messages).map((m) => `${m.line} ${m.ruleId}: ${m.message} | ${html.split('\n')[m.line - 1]?.slice(0, 120)}`);
}

async function findings(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }), TAGS);
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary?.split('\n')[1]?.trim() ?? ''}`));
}

// How far the page can be moved sideways, and what sticks out on either side of it.
const overflow = async () => {
  await document.fonts.ready;
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const out = (e) => { const b = e.getBoundingClientRect(); return b.right > width + 1 || b.left < -1; };
  return [`${document.documentElement.scrollWidth} > ${width}`, ...[...document.querySelectorAll('body *')].filter(out)
    .slice(0, 5).map((e) => `${e.tagName}.${e.className}`)];
};

for (const theme of ['broadsheet', 'magazine'])
  for (const language of ['en', 'ar'])
    describe(`${theme}, ${language}`, () => {
      let p, browser, paths;
      before(async () => {
        p = await newsroom({ extra: { ...many(12), ...mixed }, conf: `\nlist_stories = 5\ntheme = ${theme}\nlanguage = ${language}\n` });
        await p.serve();
        browser = await chromium();
        paths = { ...pages, 'second page': (await p.view('/harbour.json')).older };
      });
      after(async () => {
        await browser?.close();
        await p.end();
      });

      for (const [width, colorScheme] of [[390, 'dark'], [1280, 'light']])
        test(`axe finds nothing, ${width} px wide, ${colorScheme}`, async () => {
          const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, reducedMotion: 'reduce' });
          for (const [kind, path] of Object.entries(paths)) {
            await page.goto(p.url + path, { waitUntil: 'load' });
            assert.deepEqual(await findings(page), [], kind);
          }
          await page.close();
        });

      test('nothing can be moved sideways', async () => {
        for (const width of [320, 1280]) {
          const page = await browser.newPage({ viewport: { width, height: 800 } });
          for (const [kind, path] of Object.entries(paths)) {
            await page.goto(p.url + path);
            assert.deepEqual(await page.evaluate(overflow), [], `${kind} at ${width}`);
          }
          await page.close();
        }
      });

      if (language === 'en')
        test('under 100 KB are transferred before pictures, also where every face is needed', async () => {
          for (const path of ['/', '/harbour', '/world/lamp']) {
            const { bytes, faces } = await weigh(browser, p.url + path);
            assert.ok(bytes > 10_000 && bytes < 100_000, `${path}: ${bytes} bytes`);
            if (path === '/world/lamp') assert.equal(faces, 6, 'the story that needs every face');
          }
        });

      test('a language has its direction, and stories of another keep theirs', async () => {
        const page = await browser.newPage();
        await page.goto(`${p.url}/harbour`);
        const of = (s) => page.evaluate((sel) => { const e = document.querySelector(sel); return [e.getAttribute('lang'), getComputedStyle(e).direction]; }, s);
        assert.deepEqual(await of('html'), [language, language === 'ar' ? 'rtl' : 'ltr']);
        const [link, other] = language === 'ar' ? ['/harbour/francais', ['fr', 'ltr']] : ['/harbour/arabic', ['ar', 'rtl']];
        assert.deepEqual(await of(`a[href="${link}"]`), other);
        await page.goto(p.url + link);
        assert.deepEqual(await of('html'), other);
        await page.close();
      });

      test('a name in Latin letters begins where its line begins', async () => {
        const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
        await page.goto(`${p.url}/harbour`);
        const off = await page.evaluate((rtl) => [...document.querySelectorAll('.list .card .meta .by')].map((e) => {
          const side = rtl ? 'right' : 'left', line = e.parentElement.getBoundingClientRect()[side];
          return Math.abs(e.querySelector('bdi').getBoundingClientRect()[side] - line);
        }), language === 'ar');
        assert.ok(off.length > 0 && Math.max(...off) < 2, off.join(' '));
        await page.close();
      });

      test('every word is a message, and the HTML is valid', async () => {
        for (const [kind, path] of Object.entries(paths)) {
          const html = plainly(await p.text(path));
          const words = html.replace(/<script[\s\S]*?<\/script>|<link[^>]*>|<meta[^>]*>/g, '').replace(/(?:href|src|srcset)="[^"]*"/g, '');
          assert.deepEqual(words.match(asKey) ?? [], [], kind);
          const filled = words.replace(/ data-[a-z-]+="[^"]*"/g, ''); // what script fills in stands in those
          assert.ok(!/\{[a-z]+\}/.test(filled), `${kind}: ${filled.match(/.{20}\{[a-z]+\}/)}`);
          assert.deepEqual(await valid(html), [], kind);
        }
      });
    });

test('a French publication: dates, labels, feeds; a story in English is English', async (t) => {
  const p = await newsroom({ conf: '\nlanguage = fr-CA\n', extra: {
    'stories/first.md': '---\nheadline: Le premier\nslug: premier\nsection: world\npublished: 2025-12-01 06:12\nauthors: [ann-lee, bo-chan]\n---\nTexte.\n',
    'stories/english.md': '---\nheadline: In English\nslug: english\nsection: world\nlanguage: en\npublished: 2025-11-27 06:12\n---\nText.\n',
    'stories/autre.md': '---\nheadline: Jeudi\nslug: jeudi\nsection: world\npublished: 2025-11-27 06:12\n---\nTexte.\n',
  } });
  t.after(() => p.end());
  await p.serve();
  assert.match(await p.html('/world/jeudi'), /<html lang="fr-CA" dir="ltr">/);
  assert.match(await p.html('/world/jeudi'), /Publié le <a href="[^"]*"><time [^>]*>jeudi 27 novembre 2025 à 06:12 EST</);
  assert.match(await p.html('/world/premier'), />lundi 1er décembre 2025 à 06:12 EST</);
  assert.equal((await p.view('/world/premier.json')).byline, 'Ann Lee et Bo Chan & Daughters');
  assert.match(await p.html('/world/english'), /<html lang="en" dir="ltr">/);
  assert.match(await p.html('/world/english'), /Published <a href="[^"]*"><time [^>]*>Thursday 27 November 2025 06:12 EST</);
  assert.match(await p.html('/nirgendwo'), /Cette page n’existe pas/);
  assert.match(await p.text('/rss.xml'), /<language>fr-CA<\/language>/);
  assert.match(await p.text('/atom.xml'), /xml:lang="fr-CA"/);
  assert.equal((await p.view('/feed.json')).language, 'fr-CA');
});

test('a theme of the publication: tokens, a logo, an inherited template; and what is wrong with it', async (t) => {
  const p = await newsroom();
  t.after(() => p.end());
  const theme = join(p.folder, 'theme');
  await mkdir(join(theme, 'icons'), { recursive: true });
  await mkdir(join(theme, 'templates'));
  await writeFile(join(theme, 'theme.conf'), 'name = own\nbased_on = magazine\ncolour.field = #7a1033\nmeasure = 30rem\nlogo = icons/logo.svg\n');
  await writeFile(join(theme, 'icons/logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 50"><rect width="200" height="50"/></svg>');
  await writeFile(join(theme, 'templates/error.html'), '{{<broadsheet/error}}{{/broadsheet/error}}');
  assert.equal((await p.cli(['theme', 'check'])).code, 0, (await p.cli(['theme', 'check'])).stdout);
  await p.serve();
  const html = await p.html('/');
  assert.match(html, /<img src="\/assets\/logo\.[0-9a-f]+\.svg" width="200" height="50" alt="The Test Herald">/);
  assert.match(html, /class="card lead cover"/);
  const css = await p.text(html.match(/href="(\/assets\/style\.[^"]+)"/)[1]);
  assert.match(css, /--field:#7a1033;/);
  assert.match(css, /--measure:30rem;/);
  assert.equal((await p.get('/nowhere')).status, 404);
  await p.stop();

  await writeFile(join(theme, 'templates/error.html'), '\n{{#status}}');
  const checked = await p.cli(['theme', 'check', '--json']);
  assert.equal(checked.code, 1);
  const { errors, findings: found } = JSON.parse(checked.stdout);
  assert.equal(errors, 1);
  assert.deepEqual({ ...found[0], text: '' }, { level: 'error', file: 'templates/error.html', line: 2, column: 1, text: '' });
});

test('a theme that is copied is whole, and nothing is written over', async (t) => {
  const p = await newsroom();
  t.after(() => p.end());
  for (const { name } of JSON.parse((await stet(['theme', 'list', '--json'])).stdout)) {
    const folder = join(p.base, name);
    assert.equal((await stet(['theme', 'copy', name, folder])).code, 0);
    assert.equal((await stet(['theme', 'copy', name, folder])).code, 5);
    assert.equal((await stet(['theme', 'check', folder])).code, 0);
    await p.serve('--dev', folder);
    assert.equal((await p.get('/')).status, 200);
    await p.stop();
  }
  assert.equal((await stet(['theme', 'copy', 'magasine', join(p.base, 'x')])).code, 4);
});

test('a theme that is not there keeps a server from starting, with words', async (t) => {
  const p = await newsroom({ conf: '\ntheme = magasine\n' });
  t.after(() => p.end());
  const done = await p.cli(['serve']);
  assert.equal(done.code, 4);
  assert.match(done.stderr, /there is no theme "magasine"; did you mean "magazine"\?/);
});
