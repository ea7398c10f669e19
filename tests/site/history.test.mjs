// history.test.mjs: nothing that was published can be changed quietly: the list of versions, each as it was,
// any two compared, by readers and at the command line.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { diffArrays } from 'diff';
import { Publication, arrives, chromium, withSections } from './lib.mjs';
import { importFolder, png } from './newsroom.mjs';

let p, browser;
const quiet = Array.from({ length: 6 }, (_, i) => `A quiet paragraph, number ${i}, that nobody ever touches at all.`);
const first = ['The ferry sails at seven from the old pier.', ...quiet, 'It is **free** of charge for children.'];
const second = ['The ferry sails at eight from the new pier.', ...quiet, 'It is free of charge for children & dogs <b>.'];

before(async () => {
  p = await Publication.make();
  await withSections(p, 'city', 'world');
  await p.serve();
  await p.run('story', 'new', '--headline', 'Ferry', '--section', 'city', '--slug', 'ferry', '--body', await p.file('a.md', first.join('\n\n')));
  await p.run('story', 'edit', 'ferry', '--headline', 'Ferry secret draft');
  await p.run('story', 'edit', 'ferry', '--headline', 'Ferry at seven');
  await p.run('story', 'publish', 'ferry');
  await p.run('story', 'edit', 'ferry', '--headline', 'Ferry at eight', '--body', await p.file('b.md', second.join('\n\n')));
  await p.run('story', 'edit', 'ferry', '--minor', '--dateline', 'PORT');
  browser = await chromium();
});
after(async () => {
  await browser?.close();
  await p?.end();
});

test('a story tells when it came out and how often it was changed', async () => {
  const { history } = await p.view('/city/ferry.json');
  assert.equal(history.url, '/city/ferry/history');
  assert.match(history.text, /^First published .*, changed .* \(2 times\)$/);
  await p.run('story', 'new', '--headline', 'Once', '--section', 'city', '--body', await p.file('c.md', 'Text.'), '--publish');
  assert.match((await p.view('/city/once.json')).history.text, /not changed since$/);
  await p.run('story', 'edit', 'once', '--headline', 'Once more');
  assert.match((await p.view('/city/once.json')).history.text, /\(once\)$/);
  // Changed before it was brought in: what its "updated" says.
  await importFolder(p, { 'stories/before.md': `---\nheadline: Before\nslug: before\nsection: city\npublished: 2022-02-10 13:37
updated: 2022-07-01 08:05\n---\nText.\n` });
  const before = await p.view('/city/before.json');
  assert.equal(before.history.text, `First published ${before.published.text}, changed ${before.updated.text}`);
  // What was updated as a draft was not updated for readers.
  await p.run('story', 'new', await p.file('d.md', '---\nheadline: Fresh\nsection: city\nupdated: 2022-07-01 08:05\n---\nText.\n'), '--publish');
  const fresh = await p.view('/city/fresh.json');
  assert.equal(fresh.updated, null);
  assert.match(fresh.history.text, /not changed since$/);
});

test('the list shows what readers could see, what changed, and whether they were told', async () => {
  const view = await p.view('/city/ferry/history.json');
  assert.deepEqual(view.versions.map((v) => [v.number, v.changes, v.told, v.minor]), [
    [6, 'dateline', false, true], [5, 'headline, 2 paragraphs', true, false], [4, null, false, false],
  ]);
  assert.deepEqual(view.versions.map((v) => v.compare), ['/city/ferry/history/5/6', '/city/ferry/history/4/5', null]);
  const html = await p.html('/city/ferry/history');
  assert.ok(!html.includes('secret'));
  assert.match(html, /<meta name="robots" content="noindex">/);
  assert.match(html, new RegExp(`<link rel="canonical" href="${p.url}/city/ferry">`));
});

test('a version is the story as it stood, and drafts are nobody’s business', async () => {
  const html = await p.html('/city/ferry/history/4');
  assert.match(html, /as it stood from/);
  assert.match(html, /<h1 class="headline">Ferry at seven<\/h1>/);
  assert.match(html, /at seven from the old pier/);
  assert.ok(!html.includes('at eight'));
  for (const number of [1, 2, 3, 7, '04', '0', '-1', 'x', '4.5'])
    assert.equal((await p.get(`/city/ferry/history/${number}`)).status, 404, `version ${number}`);
  for (const pair of ['1/4', '4/7', '04/5', 'a/b'])
    assert.equal((await p.get(`/city/ferry/history/${pair}`)).status, 404, pair);
});

test('two versions in any order lead to one address', async () => {
  const to = async (path) => (await p.get(path)).headers.get('location');
  assert.equal(await to('/city/ferry/history/compare?from=6&to=4'), `${p.url}/city/ferry/history/4/6`);
  assert.equal(await to('/city/ferry/history/5/4'), `${p.url}/city/ferry/history/4/5`);
  assert.equal(await to('/city/ferry/history/compare?from=4&to=4'), `${p.url}/city/ferry/history/4`);
  assert.equal((await p.get('/city/ferry/history/compare')).status, 404);
});

test('an edited paragraph is compared word by word, the rest is folded', async () => {
  const { rows, changes } = await p.view('/city/ferry/history/4/5.json');
  assert.equal(changes, 'headline, 2 paragraphs');
  assert.deepEqual(rows.map((r) => r.folded ? `${r.folded.inside.length} folded` : `${r.kind} ${r.change}`), [
    'headline changed', 'paragraph changed', 'paragraph same', '4 folded', 'paragraph same', 'paragraph changed',
  ]);
  const bare = (html) => html.replace(/<span class="unseen">.*?<\/span>/g, '');
  assert.equal(bare(rows[1].both), 'The ferry sails at <del>seven</del> <ins>eight</ins> from the <del>old</del> <ins>new</ins> pier.');
  assert.equal(bare(rows[5].after), 'It is <ins>free</ins> of charge for children <ins>&amp; dogs &lt;b&gt;</ins>.');
});

// What counts as a word, told once more, in another language.
const wordsOf = (text) => text.match(/[\p{L}\p{N}]+|[^\s]/gu) ?? [];

test('as few words are marked as npm’s diff finds', async () => {
  const pool = ['sea', 'boat', 'the', 'of', 'harbour', 'wind', 'a', 'net', '42', 'été'];
  let seed = 7;
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  const line = (n) => Array.from({ length: n }, () => pool[random(pool.length)]).join(' ');
  await p.run('story', 'new', '--headline', 'Words', '--section', 'city', '--slug', 'words', '--body', await p.file('w.md', line(60)), '--publish');
  let was = line(60);
  await p.run('story', 'edit', 'words', '--body', await p.file('w.md', was));
  for (let round = 0; round < 6; round++) {
    const words = was.split(' ');
    for (let i = 0; i < 12; i++) words.splice(random(words.length), random(2), ...(random(2) ? [pool[random(pool.length)]] : []));
    const is = words.join(' '), { versions } = await p.view('/city/words/history.json'), from = versions[0].number;
    if (is === was) continue;
    await p.run('story', 'edit', 'words', '--body', await p.file('w.md', is));
    const view = await p.view(`/city/words/history/${from}/${from + 1}.json`);
    const parts = diffArrays(wordsOf(was), wordsOf(is)), count = (key) => parts.filter((x) => x[key]).reduce((n, x) => n + x.count, 0);
    assert.deepEqual([view.words.gone, view.words.new], [count('removed'), count('added')], `${was}\n${is}`);
    was = is;
  }
});

test('pictures, captions and descriptions are compared, pictures seen', async () => {
  const one = await p.file('one.png', png(900, 600)), two = await p.file('two.png', png(800, 600, { seed: 5 }));
  const file = (name, extra, body) => `---\nheadline: Pictured\nslug: pictured\nsection: city\npicture: ${name}\n${extra}---\n${body}\n`;
  await p.run('story', 'new', await p.file('pic.md', file('one.png', 'alt: A boat\ncaption: On *Monday*.\n', `Text.\n\n![Nets](two.png "Nets, drying.")`)), '--publish');
  await p.run('story', 'edit', 'pictured', '--file', await p.file('pic.md', file('two.png', 'alt: A ship\ncaption: On Tuesday.\n', `Text.\n\n![Nets](two.png "Nets, wet.")`)));
  const { versions } = await p.view('/city/pictured/history.json');
  assert.equal(versions[0].changes, 'main picture, picture description, picture caption, 1 caption in the text');
  const { rows } = await p.view(`${versions[0].compare}.json`);
  const picture = rows.find((r) => r.kind === 'picture');
  assert.notEqual(picture.picture_before.src, picture.picture_after.src);
  for (const side of [picture.picture_before, picture.picture_after])
    assert.equal((await p.get(side.src)).status, 200);
  const old = await p.html(versions[1].url);
  assert.ok(old.includes('alt="A boat"') && old.includes('On <em>Monday</em>.') && old.includes('Nets, drying.'));
  assert.ok(one && two);
});

test('what was withdrawn cannot be read in its history either', async () => {
  await p.run('story', 'new', '--headline', 'Libel', '--section', 'city', '--body', await p.file('l.md', 'He stole it.'), '--publish');
  await p.run('story', 'edit', 'libel', '--body', await p.file('l.md', 'He took it.'));
  await p.run('story', 'withdraw', 'libel', '--reason', 'A court said so.');
  const gone = await p.html('/city/libel');
  assert.match(gone, /href="\/city\/libel\/history"/);
  for (const path of ['/2', '/3', '/2/3', '/2/4', '/4'].map((x) => `/city/libel/history${x}`)) {
    const answer = await p.get(path);
    assert.equal(answer.status, 410, path);
    assert.ok(!/stole|took/.test(await answer.text()));
    assert.equal((await p.get(`${path}.json`)).status, 410);
  }
  const list = await p.html('/city/libel/history');
  assert.match(list, /A court said so\./);
  assert.ok(!/stole|took/.test(list));
  await p.run('story', 'edit', 'libel', '--body', await p.file('l.md', 'He has it.'));
  await p.run('story', 'publish', 'libel');
  assert.equal((await p.get('/city/libel/history/2')).status, 410);
  const now = (await p.view('/city/libel/history.json')).versions[0];
  assert.equal((await p.get(now.url)).status, 200);
  assert.equal(now.compare, null);
});

test('a history moves with its story', async () => {
  await p.run('story', 'new', '--headline', 'Mover', '--section', 'city', '--body', await p.file('m.md', 'Text.'), '--publish');
  const { url } = (await p.view('/city/mover/history.json')).versions[0];
  await p.run('story', 'edit', 'mover', '--section', 'world', '--slug', 'moved');
  const answer = await p.get(url);
  assert.equal(answer.status, 301);
  assert.equal(answer.headers.get('location'), p.url + url.replace('/city/mover', '/world/moved'));
});

test('a long list has pages', async () => {
  await p.run('story', 'new', '--headline', 'Busy', '--section', 'city', '--body', await p.file('y.md', 'Text.'), '--publish');
  for (let i = 0; i < 42; i++) await p.run('story', 'edit', 'busy', '--minor', '--headline', `Busy ${i}`);
  const page = await p.view('/city/busy/history.json');
  assert.equal(page.versions.length, 40);
  const rest = await p.view(page.older.replace('?', '.json?'));
  assert.deepEqual(rest.versions.map((v) => v.changes), ['headline', 'headline', null]);
  assert.equal(rest.older, null);
  assert.equal((await p.get('/city/busy/history?before=99999')).status, 404);
});

test('the form compares without script; columns on wide screens, one column on phones', async () => {
  const plain = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
  const page = await plain.newPage();
  await page.goto(`${p.url}/city/ferry/history`);
  await page.getByLabel('From').selectOption('4');
  await page.getByLabel('To', { exact: true }).selectOption('6');
  await Promise.all([arrives(page, `${p.url}/city/ferry/history/4/6`), page.getByRole('button', { name: 'Compare' }).click()]);
  const row = page.locator('.row.changed').first();
  assert.ok(await row.locator('.before').isVisible() && await row.locator('.after').isVisible());
  assert.ok(await row.locator('.both').isHidden());
  await page.setViewportSize({ width: 320, height: 800 });
  await row.locator('.both').waitFor();
  assert.ok(await row.locator('.before').isHidden());
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  await plain.close();
});

test('pages of a history are well-formed and nothing stands in anybody’s way', async () => {
  const { HtmlValidate } = await import('html-validate');
  const { default: axe } = await import('axe-core');
  const judge = new HtmlValidate({ extends: ['html-validate:standard'], rules: { 'no-trailing-whitespace': 'off', 'long-title': 'off' } });
  for (const path of ['/city/ferry/history', '/city/ferry/history/4', '/city/ferry/history/4/5', '/city/libel/history']) {
    const report = await judge.validateString(await p.text(path));
    assert.deepEqual(report.results.flatMap((r) => r.messages.map((m) => `${m.line}: ${m.ruleId} ${m.message}`)), [], path);
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width: 390, height: 800 } });
      const page = await context.newPage();
      await page.goto(p.url + path);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].html}`), [], `${path} ${colorScheme}`);
      await context.close();
    }
  }
});

test('a reader who looks on sees every edit in the list', async () => {
  const page = await browser.newPage();
  for (const dateline of ['ONE', 'TWO']) {
    await p.run('story', 'edit', 'ferry', '--minor', '--dateline', dateline);
    await page.goto(`${p.url}/city/ferry/history`);
    const newest = (await p.json('story', 'show', 'ferry')).revision;
    assert.match(await page.locator('.versions > li').first().innerText(), new RegExp(`dateline[^]*Read version ${newest}`));
  }
  await page.close();
});

const firefox = process.env.FIREFOX || '/usr/bin/firefox-esr';

test('Chromium and Firefox show the same comparison', { skip: !existsSync(firefox) && 'no Firefox here' }, async () => {
  const { default: puppeteer } = await import('puppeteer-core');
  const other = await puppeteer.launch({ browser: 'firefox', executablePath: firefox, headless: true,
    userDataDir: join(p.base, 'firefox'), timeout: 180_000, protocolTimeout: 180_000 });
  try {
    const url = `${p.url}/city/ferry/history/4/5`, shown = () => document.querySelector('.rows').innerText.replace(/\s+/g, ' ').trim();
    const here = await browser.newPage({ viewport: { width: 1280, height: 900 } }), there = await other.newPage();
    there.setDefaultTimeout(180_000);
    await there.setViewport({ width: 1280, height: 900 });
    const [a, b] = await Promise.all([here.goto(url).then(() => here.evaluate(shown)), there.goto(url).then(() => there.evaluate(shown))]);
    assert.match(a, /seven[^]*eight/);
    assert.equal(a, b);
    await here.close();
  } finally {
    await other.close();
  }
});

test('the command line tells the same history', async () => {
  const text = await p.run('story', 'history', 'ferry');
  assert.match(text, /5 .*headline, 2 paragraphs/);
  const compared = await p.run('story', 'history', 'ferry', '--compare', '4', '5');
  assert.match(compared, /sails at \[-seven-\] \{\+eight\+\} from the \[-old-\] \{\+new\+\} pier\./);
  assert.match(compared, /6 that did not change/);
  const drafts = await p.run('story', 'history', 'ferry', '--compare', '2', '4');
  assert.match(drafts, /\[-secret draft-\] \{\+at seven\+\}/);
  const json = await p.json('story', 'history', 'ferry');
  assert.deepEqual(json.map((v) => v.revision).slice(0, 3), [1, 2, 3]);
  assert.equal((await p.cli(['story', 'history', 'ferry', '--compare', '4'])).code, 64);
  assert.equal((await p.cli(['story', 'history', 'ferry', '--compare', '4', '999'])).code, 4);
});
