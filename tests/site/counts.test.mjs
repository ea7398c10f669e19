// counts.test.mjs: lists of stories say how much each is talked about: as of when the page was made, and by one request as of
// now; a comment makes no list anew, and nothing on the page moves.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium } from './lib.mjs';
import { importFolder } from './newsroom.mjs';
import { Client, readersPublication } from './readers.mjs';

let p, ada;
const lists = ['/', '/city', '/tag/pier', '/author/ann-lee', '/search?q=harbour'];
const story = (n, ago) => `---\nheadline: The harbour ${n}\nsection: city\nslug: harbour-${n}\ntags: [Pier]\nauthors: [Ann Lee]\npublished: ${new Date(Date.now() - ago * 86_400_000).toISOString()}\n---\nThe pier stays.\n`;
const write = async (n, text) => assert.equal((await ada.post(`/city/harbour-${n}/comments`, { text })).status, 303);

before(async () => {
  p = await readersPublication();
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    ...Object.fromEntries([1, 2, 3, 4].map((n) => [`harbour-${n}.md`, story(n, n)])),
    'harbour-9.md': story(9, 400),
  });
  ada = new Client(p);
  await ada.register('Ada Quill', 'ada@example.org');
});
after(() => p?.end());

describe('how much a story is talked about', () => {
  test('stands in the lists as of when they were made, beside stories that have comments', async () => {
    await write(1, 'One.');
    await write(1, 'Two.');
    await p.run('story', 'edit', 'harbour-1', '--headline', 'The harbour once more'); // now lists are made anew
    for (const at of lists) {
      const html = await p.html(at);
      assert.match(html, /<a class="talked" href="\/city\/harbour-1\/comments" data-talked="harbour-1">2 comments<\/a>/, at);
      assert.match(html, /data-talked="harbour-2" hidden><\/a>/, at);
      assert.doesNotMatch(html, /data-talked="harbour-9"/, `${at}: what is old and was never talked about is not asked for`);
    }
  });

  test('a comment makes no list anew; script asks once and has the number of now, and nothing moves', async () => {
    const before = await p.html('/');
    await write(1, 'Three.');
    await write(2, 'First here.');
    assert.equal(await p.html('/'), before);
    const browser = await chromium();
    try {
      for (const width of [390, 1280]) {
        const page = await browser.newPage({ viewport: { width, height: 900 } }), asked = [];
        page.on('request', (r) => { if (r.url().includes('counts.json')) asked.push(r.url()); });
        const tops = () => page.evaluate(() => [...document.querySelectorAll('.card, .meta, footer')].map((e) => Math.round(e.getBoundingClientRect().top)));
        await page.route('**/counts.json*', (r) => r.abort());
        await page.goto(`${p.url}/city`, { waitUntil: 'networkidle' });
        await page.evaluate(() => document.fonts.ready.then(() => {}));
        const still = await tops();
        await page.unroute('**/counts.json*');
        asked.length = 0;
        await page.goto(`${p.url}/city`, { waitUntil: 'networkidle' });
        await page.locator('[data-talked=harbour-1]', { hasText: '3 comments' }).first().waitFor();
        assert.equal(asked.length, 1);
        assert.match(asked[0], /stories=harbour-1,harbour-2,harbour-3,harbour-4$/);
        assert.equal(await page.locator('[data-talked=harbour-2]').first().innerText(), '1 comment');
        assert.equal(await page.locator('[data-talked=harbour-3]').first().isVisible(), false);
        assert.deepEqual(await tops(), still, `${width}: nothing moves`);
        await page.close();
      }
    } finally {
      await browser.close();
    }
    const counts = await fetch(`${p.url}/comments/counts.json?stories=harbour-1,harbour-2`);
    assert.match(counts.headers.get('cache-control'), /max-age=\d/);
    assert.deepEqual(await counts.json(), { 'harbour-1': 3, 'harbour-2': 1 });
  });

  test('where nobody may write and nobody has, nothing is asked', async () => {
    const quiet = await readersPublication();
    try {
      await quiet.run('forum', 'settings', 'publication', 'open', 'off');
      await importFolder(quiet, { 'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n', 'harbour-1.md': story(1, 1) });
      assert.doesNotMatch(await quiet.html('/city'), /data-talked/);
    } finally {
      await quiet.end();
    }
  });
});
