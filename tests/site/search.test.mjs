// search.test.mjs: what is found, beside an evaluation that shares nothing with the program; the page in a
// browser, with the keyboard, without scripts, under attack; suggestions, feed, OpenSearch.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { XMLValidator } from 'fast-xml-parser';
import { chromium } from './lib.mjs';
import { importFolder, newsroom } from './newsroom.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// The same numbers every time.
let seed = 20261125;
const next = (n) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor(seed / 4294967296 * n);
};
const pick = (list) => list[Math.min(next(list.length), next(list.length))]; // the first ones more often

const vocabulary = ['harbour', 'ferry', 'night', 'Café', 'water', 'crane', 'council', 'flood', 'river', 'lamp', 'keeper', 'vote', 'school', 'budget',
  'storm', 'übermut', 'bridge', 'Ωmega', 'market', 'harbours', 'ferries', 'nightly', 'tide', 'winter', 'library', "o'clock", 'well-being', 'ice', 'train', 'театр'];
const authors = ['Ann Lee', 'Bo Chan', 'Ida Lee', 'Jo Marsh'], tags = ['Water', 'Roads & Rails', 'Night life', 'School'], sections = ['world', 'harbour'];

function corpus(n) {
  const docs = [];
  for (let i = 0; i < n; i++) {
    const words = (k) => Array.from({ length: k }, () => pick(vocabulary)).join(' ');
    const day = `20${String(18 + next(6)).padStart(2, '0')}-${String(1 + next(12)).padStart(2, '0')}-${String(1 + next(28)).padStart(2, '0')}`;
    docs.push({ slug: `doc-${i}`, headline: `${words(3)} ${i}`, standfirst: words(4), body: words(25), authors: [pick(authors)], tags: next(3) ? [pick(tags)] : [],
      section: pick(sections), day, minute: i });
  }
  return docs;
}

const storyFile = (d) => `---\nheadline: "${d.headline}"\nstandfirst: "${d.standfirst}"\nslug: ${d.slug}\nsection: ${d.section}\nauthors: [${d.authors.map((a) => JSON.stringify(a)).join(', ')}]\n`
  + `tags: [${d.tags.map((t) => JSON.stringify(t)).join(', ')}]\npublished: ${d.day} 10:${String(d.minute % 60).padStart(2, '0')}\n---\n${d.body}\n`;

const slug = (s) => s.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
const tokens = (s) => (s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
const sectionNames = { world: 'World', harbour: 'Harbour' };
const columns = (d) => [d.headline, d.standfirst, d.body, ...d.authors, ...d.tags, sectionNames[d.section]].map(tokens);

// Whether the words stand beside each other in one of the texts; the last perhaps as a beginning.
const beside = (texts, words, prefix) => texts.some((text) => text.some((_, at) => words.every((w, i) => {
  const there = text[at + i];
  return there !== undefined && (prefix && i === words.length - 1 ? there.startsWith(w) : there === w);
})));

// Queries as trees of functions with their text.
const leaf = () => {
  const word = pick(vocabulary);
  switch (next(9)) {
    case 0: { const other = pick(vocabulary); return [`"${word} ${other}"`, (d) => beside(columns(d), tokens(`${word} ${other}`))]; }
    case 1: { const w = tokens(word)[0].slice(0, 3); return w.length < 3 ? leaf() : [`${w}*`, (d) => beside(columns(d), [w], true)]; }
    case 2: { const a = pick(authors); return [`author:"${a}"`, (d) => d.authors.includes(a)]; }
    case 3: { const t = pick(tags); return [`tag:${slug(t)}`, (d) => d.tags.includes(t)]; }
    case 4: { const s = pick(sections); return [`SECTION:${s}`, (d) => d.section === s]; }
    default: return [next(2) ? word : word.toUpperCase(), (d) => beside(columns(d), tokens(word))];
  }
};
function tree(depth) {
  if (depth === 0) return leaf();
  const [a, fa] = tree(depth - 1), [b, fb] = tree(depth - 1);
  switch (next(4)) {
    case 0: return [`(${a} OR ${b})`, (d) => fa(d) || fb(d)];
    case 1: return [`(${a} -(${b}))`, (d) => fa(d) && !fb(d)];
    case 2: return [a, fa];
    default: return [`(${a} ${b})`, (d) => fa(d) && fb(d)];
  }
}
function query() {
  let [text, fits] = tree(next(3));
  if (next(5) === 0) {
    const year = 2019 + next(4), before = fits;
    text = next(2) ? `${text} after:${year}` : `before:${year} ${text}`;
    const from = text.includes('after:');
    fits = (d) => before(d) && (from ? Number(d.day.slice(0, 4)) >= year : Number(d.day.slice(0, 4)) < year);
  }
  return [text, fits];
}

const ask = (q, more = '') => `/search.json?q=${encodeURIComponent(q)}${more}`;

describe('search', () => {
  let p, docs, browser;
  before(async () => {
    docs = corpus(130);
    p = await newsroom();
    await importFolder(p, Object.fromEntries(docs.map((d) => [`stories/${d.slug}.md`, storyFile(d)])));
    await p.serve();
    browser = await chromium();
  });
  after(async () => {
    await browser?.close();
    await p.end();
  });

  // Every result of a query: its pages, one after the other.
  async function all(q, more = '') {
    const urls = [];
    let path = ask(q, more), view;
    do {
      view = await p.view(path);
      urls.push(...view.results.map((r) => r.url));
      path = view.older?.replace('/search?', '/search.json?');
    } while (path);
    assert.equal(view.total, urls.length, q);
    assert.equal(new Set(urls).size, urls.length, `${q}: each once`);
    return urls;
  }

  test('finds exactly what an evaluation by hand finds, for many queries', async () => {
    const known = new Set(docs.map((d) => `/${d.section}/${d.slug}`));
    let some = 0;
    for (let i = 0; i < 120; i++) {
      const [q, fits] = query();
      const want = docs.filter(fits).map((d) => `/${d.section}/${d.slug}`).sort();
      const got = (await all(q, i % 2 ? '&sort=newest' : '')).filter((url) => known.has(url)).sort();
      assert.deepEqual(got, want, q);
      some += want.length > 0 && want.length < docs.length;
    }
    assert.ok(some > 60, `${some} queries found some`);
  });

  test('the newest first, if asked so; the best first otherwise', async () => {
    const urls = await all('ferry', '&sort=newest');
    const times = new Map(docs.map((d) => [`/${d.section}/${d.slug}`, `${d.day} ${String(d.minute % 60).padStart(2, '0')}`]));
    const days = urls.filter((u) => times.has(u)).map((u) => times.get(u));
    assert.deepEqual(days, [...days].sort().reverse());
    await importFolder(p, { 'a.md': '---\nheadline: Quokka\nslug: quokka-1\nsection: world\npublished: 2020-01-01\n---\nText.\n',
      'b.md': `---\nheadline: Zoo\nslug: quokka-2\nsection: world\npublished: 2020-01-02\n---\nA quokka among ${'many words '.repeat(20)}.\n` });
    assert.deepEqual(await all('quokka'), ['/world/quokka-1', '/world/quokka-2']);
  });

  test('a story is found as soon as it is public, and no longer', async () => {
    assert.deepEqual(await all('xylophone'), []);
    await importFolder(p, { 'x.md': '---\nheadline: The xylophone\nslug: xylophone\nsection: world\npublished: 2024-01-01\n---\nText.\n' });
    assert.deepEqual(await all('xylophone'), ['/world/xylophone']);
    await p.run('story', 'withdraw', 'xylophone', '--reason', 'A test.');
    assert.deepEqual(await all('xylophone'), []);
    assert.deepEqual(await all('Soon'), [], 'drafts are not found');
    assert.deepEqual(await all('"forged letter"'), []);
  });

  test('whatever is typed is answered', async () => {
    const typed = ['', '"', '""', '-', '- -', '*', '**', 'a*', 'OR', 'AND NOT OR', '((((((((((', '))))', 'author:', 'author:"', 'section:x', 'tag:"no such"', 'series:1',
      'before:', 'before:x', 'after:99999', 'after:2026-02-31', 'after:0000', 'before:9999', 'x:y', '{headline}: x', 'NEAR(a b)', 'a + b', '^a', "'; DROP TABLE story; --", '%', '\u{1F600}', '\u0301', 'ﷺ',
      'x'.repeat(5000), 'a '.repeat(500), '-a '.repeat(100), '(a OR '.repeat(60), '\uE000x0', '\u202Eabc', '“', '日本語', '\\', '\u2028'];
    for (const q of typed)
      for (const path of [ask(q), ask(q, '&sort=newest'), `/search?q=${encodeURIComponent(q)}`, `/search/suggest?q=${encodeURIComponent(q)}`]) {
        const r = await p.get(path);
        assert.ok(r.status === 200 || (q.length > 4000 && r.status === 414), `${path.slice(0, 90)}: ${r.status}`);
        await r.arrayBuffer();
      }
    for (const page of ['0', '-1', 'x', '7', '99999999999999999999']) assert.equal((await p.get(ask('ferry', `&page=${page}`))).status, 404, page);
    const note = async (q) => (await p.view(ask(q))).notes.join(' ');
    assert.match(await note('section:x'), /no section “x”/);
    assert.match(await note('tag:zz'), /tagged “zz”/);
    assert.match(await note('after:soon ferry'), /“soon” is no date/);
    assert.match(await note('fe*'), /three letters/);
    assert.match(await note('a '.repeat(50)), /first words/);
    assert.match(await note('ferry '.repeat(90)), /beginning/);
  });

  test('says how many there are, offers filters as links that work, and takes them away', async () => {
    const view = await p.view(ask('ferry'));
    assert.equal(view.count, `${view.total} stories`);
    for (const facet of [...view.sections, ...view.years]) {
      const inner = await p.view(facet.url.replace('/search?', '/search.json?'));
      assert.equal(String(inner.total), facet.n, facet.url);
      assert.ok(inner.chips.length >= 1);
      let path = facet.url;
      for (let chips = inner.chips; chips.length; ({ chips } = await p.view(path.replace('/search?', '/search.json?')))) path = chips[0].url;
      assert.equal((await p.view(path.replace('/search?', '/search.json?'))).total, view.total);
    }
    assert.equal(view.sections.reduce((n, f) => n + Number(f.n), 0), view.total);
  });

  test('understands slips', async () => {
    const better = async (q) => (await p.view(ask(q))).better;
    assert.equal((await better('harbuor')).text, 'harbour');
    assert.equal((await better('libary ferry')).text, 'library ferry');
    assert.equal(await better('harbour'), null);
    assert.equal(await better('qqqqqqqq'), null);
    const { url } = await better('harbuor');
    assert.ok((await p.view(url.replace('/search?', '/search.json?'))).total > 3);
  });

  test('suggests what begins like that', async () => {
    const suggest = async (q) => (await p.view(`/search/suggest?q=${encodeURIComponent(q)}`)).suggestions;
    for (const q of ['h', 'ha', 'har']) {
      const list = await suggest(q);
      assert.ok(list.length > 0 && list.length <= 8, q);
      assert.deepEqual(list[0], { kind: 'section', label: 'Section', text: 'Harbour', url: '/harbour' });
      for (const s of list) assert.equal((await p.get(s.url)).status, 200, s.url);
    }
    assert.ok((await suggest('le')).some((s) => s.url === '/author/ann-lee'), 'by a later part of a name');
    assert.ok((await suggest('wat')).some((s) => s.url === '/tag/water'));
    for (const s of (await suggest('ferry ha')).filter((x) => x.kind === 'story')) assert.match(s.text, /ferry/i);
    const open = await p.view('/search/suggest?as=opensearch&q=har');
    assert.equal(open[0], 'har');
    assert.ok(open.length === 4 && open[1].length === open[3].length && open[3].every((u) => u.startsWith(p.url)));
  });

  test('is told to browsers, kept from search engines, and not kept by the cache', async () => {
    const html = await p.html('/search?q=ferry');
    assert.match(html, /<meta name="robots" content="noindex">/);
    assert.match(html, /<link rel="search" type="application\/opensearchdescription\+xml"[^>]* href="\/opensearch.xml">/);
    const description = await (await p.get('/opensearch.xml')).text();
    assert.equal(XMLValidator.validate(description), true);
    assert.ok(description.includes(`template="${p.url}/search?q={searchTerms}"`));
  });

  async function open(path, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage(), trouble = [];
    page.on('pageerror', (e) => trouble.push(String(e)));
    page.on('console', (m) => { if (m.type() === 'error') trouble.push(m.text()); });
    await page.goto(p.url + path, { waitUntil: 'load' });
    return { page, trouble, close: () => context.close() };
  }
  async function findings(page) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'], runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } }));
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}`));
  }

  test('the field is a combobox: suggestions by keyboard, Escape, Enter; axe finds nothing', async () => {
    const { page, trouble, close } = await open('/search');
    const field = page.getByRole('combobox');
    await field.focus();
    await page.keyboard.insertText('har'); // at once: no answer to a part of it comes late
    await page.getByRole('option').first().waitFor();
    assert.equal(await field.getAttribute('aria-expanded'), 'true');
    assert.deepEqual(await findings(page), []);
    await page.keyboard.press('ArrowDown');
    const active = await field.getAttribute('aria-activedescendant');
    assert.equal(await page.locator(`#${active}`).getAttribute('aria-selected'), 'true');
    await page.keyboard.press('Escape');
    assert.equal(await field.getAttribute('aria-expanded'), 'false');
    assert.equal(await field.getAttribute('aria-activedescendant'), null);
    assert.equal(await field.inputValue(), 'har', 'what was typed stays');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${p.url}/harbour`);
    await page.goto(`${p.url}/search`);
    await field.pressSequentially('ferry');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/search\?q=ferry$/);
    assert.equal(await field.inputValue(), 'ferry');
    assert.deepEqual(trouble, []);
    await close();
  });

  for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark', viewport: { width: 320, height: 700 } }, { javaScriptEnabled: false }])
    test(`results stand without fault: ${JSON.stringify(options)}`, async () => {
      for (const path of ['/search', '/search?q=ferry+section:world+after:soon', '/search?q=harbuor', '/search?q=harbour&sort=newest&page=2']) {
        const { page, trouble, close } = await open(path, options);
        if (options.javaScriptEnabled !== false) {
          assert.deepEqual(await findings(page), [], path);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${path} is too wide`);
        } else if (path === '/search') {
          await page.locator('#q').fill('ferry');
          await page.getByRole('button', { name: 'Search' }).click();
          await page.waitForURL(/q=ferry/);
          assert.ok(await page.locator('.found mark').count() > 0, 'what was found is marked');
        }
        assert.deepEqual(trouble, [], path);
        await close();
      }
    });

  test('no script gets through the query or a story', async () => {
    await importFolder(p, { 'wombat.md': '---\nheadline: "<img src=x onerror=alert(1)> & <b>wombat</b>"\nslug: wombat\nsection: world\npublished: 2024-01-01\n---\n&lt;script&gt;window.__xss=1&lt;/script&gt; wombat \uE002x\uE003\n' });
    for (const q of ['wombat', '<script>window.__xss=1</script> wombat', '"><img src=x onerror=window.__xss=1>', 'author:"<svg onload=window.__xss=1>"', "' onfocus=window.__xss=1 autofocus x='"]) {
      const { page, close } = await open(`/search?q=${encodeURIComponent(q)}`);
      assert.equal(await page.evaluate(() => globalThis.__xss), undefined, q);
      assert.equal(await page.locator('main img:not(picture img), main svg, main b').count(), 0, q);
      assert.equal(await page.locator('#q').inputValue(), q.replaceAll(/\s+/g, ' ').trim());
      await close();
    }
    const [card] = (await p.view(ask('wombat'))).results;
    assert.equal(card.headline_html, '&lt;img src=x onerror=alert(1)&gt; &amp; &lt;b&gt;<mark>wombat</mark>&lt;/b&gt;');
    assert.ok(!/<(?!\/?mark>)/.test(card.excerpt_html), card.excerpt_html);
    assert.equal(card.excerpt_html.match(/<mark>/g).length, 1);
  });
});
