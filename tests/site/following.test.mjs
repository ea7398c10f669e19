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
    assert.equal(await page.locator('[data-follow]').isVisible(), false);
    assert.deepEqual(await findings(page), []);
    await page.locator('[data-tie=unmute]').click();
    await page.locator('[data-follow]').waitFor();
    await page.context().close();
  });
});
