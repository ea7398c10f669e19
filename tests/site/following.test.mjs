// following.test.mjs: readers who mute, block and follow: by forms without script, and in a browser; what the page
// "Following" has, what is unread on it, and the same as a feed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { chromium } from './lib.mjs';
import { importFolder } from './newsroom.mjs';
import { Client, readersPublication } from './readers.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const yesterday = new Date(Date.now() - 86400e3).toISOString().slice(0, 10);
let p, browser, ann, bob, cleo;

async function fresh(name, address) {
  const c = new Client(p);
  const me = await c.register(name, address);
  return Object.assign(c, { mine: me.url, name });
}

before(async () => {
  p = await readersPublication();
  await importFolder(p, {
    'publication.yaml': 'name: x\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    'authors/vera.md': '---\nname: Vera Quill\n---\nWrites.\n',
    ...Object.fromEntries(['a', 'b', 'c'].map((n) => [`stories/${n}.md`, `---\nheadline: Story ${n}\nslug: ${n}\nsection: city\nauthors: [vera]\npublished: ${yesterday} 10:00\n---\nText.\n`])),
  });
  ann = await fresh('Ann Alder', 'ann@example.org');
  bob = await fresh('Bob Birch', 'bob@example.org');
  cleo = await fresh('Cleo Cedar', 'cleo@example.org');
  browser = await chromium();
});
after(async () => {
  await browser?.close();
  await p.end();
});

// Writes a comment; its id.
async function write(c, text, { story = 'a', answers } = {}) {
  const r = await c.post(`/city/${story}/comments`, answers ? { text, answers } : { text });
  assert.equal(r.status, 303, await r.text());
  return /#c-(.+)$/.exec(r.headers.get('location'))[1];
}

async function open(c, width = 1280, colorScheme = 'light') {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const cookies = [...c.cookies].filter(([name]) => name !== 'stet_plain');
  await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: p.url.replace('http:', 'https:'), secure: true })));
  return context.newPage();
}

async function findings(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags } }), TAGS);
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary}`));
}

describe('muting and blocking', () => {
  test('a mute folds what somebody wrote, for one reader alone, and can be undone', async () => {
    await write(bob, 'Bob says a thing.', { story: 'c' });
    assert.equal((await ann.post(`${bob.mine}/mute`, { next: '/city/c/comments' })).headers.get('location'), `${p.url}/city/c/comments`);
    assert.match(await ann.html('/city/c/comments'), /class="comment muted"[\s\S]*class="muted-line"/);
    assert.doesNotMatch(await cleo.html('/city/c/comments'), /class="muted-line"/);
    assert.doesNotMatch(await bob.html('/city/c/comments'), /class="muted-line"/);
    assert.match(await ann.html('/account'), /id="muted"[\s\S]*Bob Birch/);
    assert.deepEqual(await (await ann.get(`${bob.mine}/mine.json`)).json(), { self: false, following: false, muted: true, blocked: false });
    assert.equal((await ann.post(`${bob.mine}/follow`)).status, 422);
    // Whoever is muted may answer and follow as before: they do not know.
    assert.equal((await bob.post(`${ann.mine}/follow`)).status, 303);
    assert.equal((await (await bob.get(`${ann.mine}/mine.json`)).json()).following, true);
    await bob.post(`${ann.mine}/unfollow`);
    await ann.post(`${bob.mine}/unmute`);
    assert.doesNotMatch(await ann.html('/city/c/comments'), /class="muted-line"/);
    assert.doesNotMatch(await ann.html('/account'), /id="muted"/);
  });

  test('a block ends following both ways, and stops following and answering', async () => {
    await bob.post(`${ann.mine}/follow`);
    await ann.post(`${bob.mine}/follow`);
    const id = await write(ann, 'Ann opens.', { story: 'c' });
    await ann.post(`${bob.mine}/block`);
    for (const [c, of] of [[ann, bob], [bob, ann]]) assert.equal((await (await c.get(`${of.mine}/mine.json`)).json()).following, false);
    const refused = await bob.post(`${ann.mine}/follow`);
    assert.equal(refused.status, 422);
    assert.match(await refused.text(), /does not want to be followed/);
    assert.equal((await (await bob.get(`${ann.mine}/mine.json`)).json()).following, false);
    assert.equal((await bob.post('/city/c/comments', { text: 'Bob answers.', answers: id })).status, 403);
    assert.equal((await bob.get(`${ann.mine}.json`).then((r) => r.json())).mine.blocked, false); // they are not told
    await ann.post(`${bob.mine}/unmute`);
    assert.equal((await bob.post('/city/c/comments', { text: 'Bob answers.', answers: id })).status, 303);
  });

  test('who wants no followers has none', async () => {
    await ann.post(`${cleo.mine}/follow`);
    const profile = { name: 'Cleo Cedar', about: '', language: '', comments: '1', followers: '1', following: '1' };
    await cleo.post('/account/profile', { ...profile, no_followers: '1' });
    assert.equal((await (await ann.get(`${cleo.mine}.json`)).json()).followers_count.count, 0);
    assert.equal((await ann.post(`${cleo.mine}/follow`)).status, 422);
    assert.doesNotMatch(await ann.html(cleo.mine), /data-follow/);
    await cleo.post('/account/profile', profile);
    assert.equal((await ann.post(`${cleo.mine}/follow`)).status, 303);
    assert.equal((await (await ann.get(`${cleo.mine}/mine.json`)).json()).following, true);
    await ann.post(`${cleo.mine}/unfollow`);
  });

  test('the menu at a comment mutes in place, and the line opens', async () => {
    const id = await write(bob, 'Something to fold.', { story: 'b' });
    const page = await open(ann);
    await page.goto(`${p.url}/city/b/comments`);
    const c = page.locator(`#c-${id}`);
    await c.locator('.menu > summary').click();
    await c.locator('[data-do=mute]').click();
    await c.locator('.muted-line').waitFor();
    assert.equal(await c.locator('.words').isVisible(), false);
    assert.deepEqual(await findings(page), []);
    await c.locator('.muted-line > summary').click();
    assert.equal(await c.locator('.words').isVisible(), true);
    await c.locator('.menu > summary').click();
    await c.locator('[data-do=unmute]').click();
    await c.locator('.muted-line').waitFor({ state: 'detached' });
    await page.goto(p.url + bob.mine);
    await page.locator('[data-tie=block]').click();
    await page.locator('[data-said=blocked]').waitFor();
    await page.locator('[data-follow]').waitFor({ state: 'hidden' });
    assert.deepEqual(await findings(page), []);
    await page.locator('[data-tie=unmute]').click();
    await page.locator('[data-follow]').waitFor();
    await page.context().close();
  });
});

const news = async (c, path = '/following.json') => (await c.get(path)).json();
const unread = async (c) => (await c.me()).unread;
const see = async (c) => c.post('/following/seen', { to: (await news(c)).seen_to });

describe('what there is to read', () => {
  let dora, emil;
  before(async () => {
    dora = await fresh('Dora Dune', 'dora@example.org');
    emil = await fresh('Emil Elm', 'emil@example.org');
  });

  test('is for who is signed in, and kept by nobody on the way', async () => {
    const asked = await new Client(p).get('/following');
    assert.equal(asked.headers.get('location'), `${p.url}/sign-in?next=${encodeURIComponent('/following')}`);
    const page = await dora.get('/following');
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.match(await page.text(), /content="noindex"/);
    assert.deepEqual((await news(dora)).news, []);
    assert.equal(await unread(dora), 0);
  });

  test('has answers, mentions, readers, conversations, stories and authors, newest first, each once', async () => {
    const mine = await write(dora, 'Dora asks.', { story: 'a' });
    const other = await write(ann, 'Ann begins a branch.', { story: 'b' });
    assert.equal((await dora.post(`/comment/${other}/follow`, { next: '/city/b' })).headers.get('location'), `${p.url}/city/b`);
    await dora.post('/city/c/comments/follow');
    await dora.post(`${cleo.mine}/follow`);
    await dora.post('/author/vera/follow');
    assert.match(await dora.html('/author/vera'), /action="\/author\/vera\/unfollow"/);
    assert.match(await dora.html('/city/c/comments'), /action="\/city\/c\/comments\/unfollow"/);
    assert.deepEqual(await (await dora.get('/author/vera/mine.json')).json(), { following: true });
    const own = await (await dora.get('/city/b/comments/mine.json')).json();
    assert.deepEqual([own.following, own.branches], [false, [other]]);

    await write(emil, 'Emil answers Dora.', { answers: mine });
    await write(emil, 'And @Dora Dune is named.', { story: 'b' });
    await write(bob, 'Bob goes on in the branch.', { story: 'b', answers: other });
    await write(cleo, 'Cleo writes about c.', { story: 'c' });
    await write(emil, 'Emil writes about c.', { story: 'c' });
    await write(emil, 'Nobody who matters.', { story: 'a' });
    const { news: list } = await news(dora);
    assert.deepEqual(list.map((n) => n.kind), ['story', 'reader', 'branch', 'mention', 'answer']);
    assert.ok(list.every((n) => n.unread));
    assert.equal(await unread(dora), 5);
    assert.equal(await unread(emil), 0); // nobody is told of their own
  });

  test('what is seen is seen on every device, and by looking alone nothing is', async () => {
    const second = new Client(p);
    for (const [k, v] of dora.cookies) second.cookies.set(k, v);
    await dora.get('/following');
    assert.equal(await unread(second), 5);
    assert.equal((await see(dora)).status, 303);
    assert.equal(await unread(second), 0);
    assert.ok((await news(second)).news.every((n) => !n.unread));
    await write(emil, 'One more.', { story: 'c' });
    assert.deepEqual([await unread(dora), await unread(second)], [1, 1]);
    assert.deepEqual((await news(dora)).news.map((n) => n.unread), [true, false, false, false, false, false]);
    await dora.post('/following/seen', { to: '5' }); // it never goes back
    assert.equal(await unread(dora), 1);
    assert.equal((await dora.post('/following/seen', { to: 'x' })).status, 422);
  });

  test('whoever is muted does not appear, and what is taken back neither', async () => {
    await dora.post(`${emil.mine}/mute`);
    assert.equal(await unread(dora), 0);
    assert.deepEqual((await news(dora)).news.map((n) => n.kind), ['reader', 'branch']);
    await dora.post(`${emil.mine}/unmute`);
    const gone = await write(emil, 'Soon gone.', { story: 'c' });
    const n = await unread(dora);
    await emil.post(`/comment/${gone}/delete`);
    assert.equal(await unread(dora), n - 1);
  });

  test('in two browsers: the count in the bar goes in both', async () => {
    const a = await open(dora), b = await open(dora, 390, 'dark');
    await b.goto(`${p.url}/city/a`);
    await b.locator('.account-bar [data-unread] b').waitFor();
    const told = a.waitForResponse((r) => r.url().endsWith('/following/seen') && r.ok());
    await a.goto(`${p.url}/following`);
    await told;
    await a.locator('.account-bar [data-unread=""]').waitFor();
    assert.ok(await a.locator('.news .unread').count() > 0); // the marks stay while one reads
    assert.deepEqual(await findings(a), []);
    // What the bar says before it is asked for is of the page's memory.
    const asked = b.waitForResponse((r) => r.url().endsWith('/me.json') && r.ok());
    await b.reload();
    assert.equal((await (await asked).json()).unread, 0);
    await b.locator('.account-bar [data-unread=""]').waitFor();
    await b.goto(`${p.url}/following`);
    assert.equal(await b.locator('.news .unread').count(), 0);
    assert.deepEqual(await findings(b), []);
    if (process.env.SHOTS) {
      await a.screenshot({ path: `${process.env.SHOTS}/following-1280.png`, fullPage: true });
      await b.screenshot({ path: `${process.env.SHOTS}/following-390.png`, fullPage: true });
    }
    await a.goto(`${p.url}/city/b/comments`);
    await a.locator('[data-follow-story] button').click();
    await a.getByRole('button', { name: 'Stop following this conversation' }).waitFor();
    assert.deepEqual(await findings(a), []);
    if (process.env.SHOTS) await a.screenshot({ path: `${process.env.SHOTS}/talk-1280.png`, fullPage: true });
    await a.context().close();
    await b.context().close();
  });

  test('the same as a feed at a secret address, which can be made anew', async () => {
    const address = async () => /id="feed-url" value="[^"]*(\/following\/\w+\.xml)"/.exec((await (await dora.post('/following/feed')).text()).replaceAll('&#x2F;', '/'))[1];
    const first = await address();
    const got = await new Client(p).get(first);
    assert.equal(got.status, 200);
    assert.equal(got.headers.get('cache-control'), 'no-store');
    assert.equal(got.headers.get('x-robots-tag'), 'noindex');
    assert.match(got.headers.get('content-type'), /^application\/atom\+xml/);
    const { XMLParser, XMLValidator } = createRequire(import.meta.url)('fast-xml-parser');
    const text = await got.text();
    assert.equal(XMLValidator.validate(text), true);
    const { feed } = new XMLParser().parse(text);
    const { news: list } = await news(dora);
    assert.equal(feed.entry.length, list.length);
    assert.match(feed.entry[0].title, /Emil Elm.*Story c/);
    assert.doesNotMatch(await dora.html('/following'), new RegExp(first));
    const second = await address();
    assert.equal((await new Client(p).get(first)).status, 404);
    assert.equal((await new Client(p).get(second)).status, 200);
    await dora.post('/following/feed', { none: '1' });
    assert.equal((await new Client(p).get(second)).status, 404);
  });
});
