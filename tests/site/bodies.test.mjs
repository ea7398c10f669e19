// bodies.test.mjs: what stands in a story's body, as a page shows it: every block is there and accessible, an
// embed asks nobody before a click and one host after it, pictures open large, notes lead there and back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { createRequire } from 'node:module';
import { chromium, plainly } from './lib.mjs';
import { newsroom } from './newsroom.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const body = `One[^a] two[^b] and again.[^a]

:::facts In *figures*
- twelve
:::

:::pull
Never so low.
-- Ann Lee
:::

:::gallery Three. | Desk
![first](pictures/one.png "First.")
![](pictures/two.png)
:::

:::table Ships
| Year | n    |
|------|-----:|
| 1901 | 212  |

Source: us
:::

| A | B |
|---|---|
| a | b |

:::embed https://youtu.be/abcdefghijk
title: The "lamp" & more
:::

:::embed https://nobody.example/x :::

:::note
We erred.
:::

[^a]: The first.
[^b]: The second.
`;

describe('bodies', () => {
  let p, browser;
  before(async () => {
    p = await newsroom({ extra: { 'stories/all.md': `---\nheadline: All\nslug: all\nsection: harbour\npublished: 2023-04-01 10:00\n---\n${body}` } });
    await p.serve();
    browser = await chromium();
  });
  after(async () => {
    await browser?.close();
    await p.end();
  });

  test('a fault of notation is one of the body, and names its line', async () => {
    for (const [text, why] of [['a\n\n:::facts\nb', /body: line 3: the ":::facts" that begins here is not closed/], ['a[^1]', /body: line 1: there is no note \[\^1\]/]]) {
      const done = await p.cli(['story', 'new', '-'], { input: `---\nheadline: X\nsection: harbour\n---\n${text}` });
      assert.equal(done.code, 2);
      assert.match(done.stderr, why);
    }
  });

  test('headings of tables say what they head, and bare tables can scroll', async () => {
    const html = await p.html('/harbour/all');
    assert.match(html, /<caption>Ships<\/caption>\s*<thead><tr><th scope="col">Year<\/th>\s*<th class="number" scope="col">n/);
    assert.match(html, /<th scope="row">1901<\/th>/);
    assert.match(html, /<figure class="table"><table><thead><tr><th scope="col">A/);
  });

  test('only pages with embeds may frame anything, and only their hosts', async () => {
    const policy = async (path) => (await p.get(path)).headers.get('content-security-policy');
    assert.match(await policy('/harbour/all'), /; frame-src https:\/\/www\.youtube-nocookie\.com$/);
    assert.doesNotMatch(await policy('/world/lamp'), /frame-src/);
    assert.doesNotMatch(await policy('/'), /frame-src/);
  });

  test('an embed asks nobody before the click, and one host after it', async () => {
    const context = await browser.newContext(), page = await context.newPage(), asked = [];
    await context.route((url) => url.origin !== p.url, (route) => {
      asked.push(route.request());
      return route.fulfill({ contentType: 'text/html', body: '<p>film</p>' });
    });
    await page.goto(`${p.url}/harbour/all`, { waitUntil: 'networkidle' });
    await page.locator('figure.embed').first().scrollIntoViewIfNeeded();
    assert.equal(await page.locator('iframe').count(), 0);
    assert.deepEqual(asked.map((r) => r.url()), []);
    assert.match(await page.locator('.offer .warning').innerText(), /www\.youtube-nocookie\.com/);
    await page.getByRole('button', { name: 'Load from www.youtube-nocookie.com' }).click();
    const frame = page.locator('iframe');
    await page.frameLocator('iframe').getByText('film').waitFor();
    assert.deepEqual([...new Set(asked.map((r) => new URL(r.url()).host))], ['www.youtube-nocookie.com']);
    assert.equal(await frame.getAttribute('title'), 'YouTube: The "lamp" & more');
    assert.match(await frame.getAttribute('sandbox'), /^allow-scripts/);
    await page.waitForFunction(() => document.activeElement.tagName === 'IFRAME');
    await context.close();
  });

  test('without JavaScript an embed is a link, and its button is not there', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false }), page = await context.newPage();
    await page.goto(`${p.url}/harbour/all`);
    assert.equal(await page.locator('.offer button').isVisible(), false);
    assert.equal(await page.locator('.offer a').getAttribute('href'), 'https://www.youtube.com/watch?v=abcdefghijk');
    assert.match(await page.locator('a.enlarge').first().getAttribute('href'), /^\/media\/[0-9a-f]{32}\/\d+\.jpg$/);
    await context.close();
  });

  test('pictures open large, and the arrow keys and Escape do as they say', async () => {
    const page = await browser.newPage();
    await page.goto(`${p.url}/harbour/all`);
    await page.locator('a.enlarge').first().click();
    const shown = page.locator('dialog[open] img');
    const first = await shown.getAttribute('src');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((src) => document.querySelector('dialog[open] img').getAttribute('src') !== src, first);
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction((src) => document.querySelector('dialog[open] img').getAttribute('src') === src, first);
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement.className === 'enlarge');
    await page.close();
  });

  test('notes lead there and back to each place', async () => {
    const page = await browser.newPage();
    await page.goto(`${p.url}/harbour/all`);
    const dead = await page.evaluate(() => [...document.querySelectorAll('.prose a[href^="#"]')].filter((a) => !document.getElementById(a.hash.slice(1))).length);
    assert.equal(dead, 0);
    const ids = await page.evaluate(() => [...document.querySelectorAll('[id]')].map((e) => e.id));
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(await page.locator('#fn-1 a.back').count(), 2);
    assert.equal(await page.locator('#fn-2 a.back').count(), 1);
    await page.close();
  });

  for (const width of [320, 1280])
    test(`axe finds nothing, and nothing is wider than the screen, at ${width}`, async () => {
      const page = await browser.newPage({ viewport: { width, height: 800 } });
      await page.goto(`${p.url}/harbour/all`);
      await page.evaluate(axe);
      const found = await page.evaluate(async () => (await window.axe.run()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 100))}`));
      assert.deepEqual(found, []);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await page.close();
    });

  test('in feeds they are plain', async () => {
    const feed = await (await p.get('/feed.json')).json();
    const html = plainly(feed.items.find((i) => i.title === 'All').content_html);
    assert.match(html, /<a href="https:\/\/www\.youtube\.com\/watch\?v=abcdefghijk">The "lamp" &amp; more<\/a> \(YouTube\)/);
    assert.doesNotMatch(html, /<button|data-frame|class="enlarge"|<iframe/);
    assert.doesNotMatch(html, /(src|href|srcset)="\/media/);
  });
});
