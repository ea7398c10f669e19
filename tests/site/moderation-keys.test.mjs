// moderation-keys.test.mjs: the moderators' work with nothing but a keyboard: every decision, undo, appeals and notices; what has the focus
// is never lost, over reloads either.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from './lib.mjs';
import { importFolder } from './newsroom.mjs';
import { Client, forged, idText, readersPublication, sql } from './readers.mjs';

let p, browser, ann, bob, mod, page;
const talk = '/city/harbour/comments';

before(async () => {
  p = await readersPublication({ serve: false });
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    'harbour.md': `---\nheadline: The harbour\nsection: city\nslug: harbour\npublished: ${new Date(Date.now() - 3_600_000).toISOString()}\n---\nThe pier stays.\n`,
  });
  await p.serve();
  [ann, bob, mod] = forged(p, [{ name: 'Ann Lee' }, { name: 'Bob Stone' }, { name: 'Mona Rule', role: 'moderator' }]);
  browser = await chromium();
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 } });
  await context.addCookies([...mod.cookies].map(([name, value]) => ({ name, value, url: p.url.replace('http:', 'https:'), secure: true })));
  page = await context.newPage();
});
after(async () => {
  await browser?.close();
  await p?.end();
});

const write = async (c, text) => {
  const r = await c.post(talk, { text });
  assert.equal(r.status, 303, await r.text());
  return /#c-(\w+)$/.exec(r.headers.get('location'))[1];
};
const state = (text) => sql(p, `SELECT state, picked > 0 AS picked, closed FROM comment WHERE source = '${text}'`)[0];
const focused = () => page.evaluate(() => { const e = document.activeElement; return e === document.body ? 'nothing' : e.closest('.item') ? 'item' : e.tagName.toLowerCase(); });
const current = (text) => page.waitForFunction((t) => document.activeElement?.closest('.item')?.querySelector('.words')?.textContent.includes(t), text);
const reloaded = (key) => Promise.all([page.waitForEvent('load'), page.keyboard.press(key)]);
const until = async (what) => { for (const end = Date.now() + 180_000; Date.now() < end;) { if (await what()) return; await new Promise((r) => setTimeout(r, 25)); } assert.fail(String(what)); };
// Tab until it is there.
async function tabTo(selector) {
  for (let i = 0; i < 250; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`no key leads to ${selector}`);
}
const open = async (path, c) => { await page.goto(p.url + path); await c?.(); };

test('the queue: approve, remove, and back again; at its end the head has the focus', async () => {
  await p.run('forum', 'settings', 'publication', 'mode', 'before');
  for (const n of ['one', 'two', 'three']) await write(ann, `Held ${n}`);
  await p.run('forum', 'settings', 'publication', 'mode', 'after');
  await open('/moderation');
  await page.keyboard.press('j');
  await current('Held one');
  await page.keyboard.press('a');
  await current('Held two');
  assert.equal(state('Held one').state, 'shown');
  await page.keyboard.press('r');
  await page.waitForFunction(() => document.activeElement?.matches('.item.current select'));
  await page.keyboard.press('Escape');
  await current('Held two');
  await page.keyboard.press('r');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Said by keys: j k a r p u');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await current('Held three');
  assert.equal(state('Held two').state, 'removed');
  await reloaded('u');
  await current('Held two');
  assert.equal(state('Held two').state, 'held');
  await page.keyboard.press('a');
  await current('Held three');
  await reloaded('a');
  await until(async () => await focused() === 'h1');
  assert.deepEqual(['one', 'two', 'three'].map((n) => state(`Held ${n}`).state), ['shown', 'shown', 'shown']);
  await reloaded('u');
  await current('Held three');
  await reloaded('a');
});

test('what is shown: pick, close, and each again', async () => {
  await write(bob, 'Fine words');
  for (const [key, field] of [['p', 'picked'], ['c', 'closed']])
    for (const [i, want] of [1, 0].entries()) {
      await open('/moderation/recent');
      await page.keyboard.press('j');
      await current('Fine words');
      await page.keyboard.press(key);
      await until(() => state('Fine words')[field] === want);
      assert.notEqual(await focused(), 'nothing', `${key} ${i}`);
    }
  await open('/moderation/recent');
  await page.keyboard.press('j');
  await page.keyboard.press('c');
  await until(() => state('Fine words').closed === 1);
  await reloaded('u');
  await current('Fine words');
  assert.equal(state('Fine words').closed, 0);
});

test('reports, with the reason by the keyboard', async () => {
  const id = await write(ann, 'Rude words');
  assert.equal((await bob.post(`/comment/${id}/report`, { reason: 'abuse', words: 'look' })).status, 200);
  await open('/moderation/reported');
  await page.keyboard.press('j');
  await current('Rude words');
  await page.keyboard.press('r');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await reloaded('Enter');
  await until(async () => await focused() === 'h1');
  assert.equal(state('Rude words').state, 'removed');
  assert.equal(sql(p, 'SELECT reason FROM decision ORDER BY id DESC LIMIT 1')[0].reason, 'spam');
  await open('/moderation/removed');
  await page.keyboard.press('j');
  await current('Rude words');
});

test('a reader: every decision, and a note', async () => {
  for (const what of ['warn', 'hold', 'mute', 'suspend', 'ban', 'lift']) {
    await open(`/moderation/reader/${idText(bob.id)}`);
    await tabTo(`form.decide button[value=${what}]`);
    await reloaded('Enter');
    const [{ kind }] = sql(p, 'SELECT kind FROM decision ORDER BY id DESC LIMIT 1');
    assert.equal(kind, what);
  }
  await tabTo('textarea[name=words]:not(form.sanction textarea)');
  await page.keyboard.type('Known by keys');
  await tabTo('button[value=note]');
  await reloaded('Enter');
  assert.equal(sql(p, 'SELECT words FROM reader_note')[0].words, 'Known by keys');
  await open('/moderation');
  await reloaded('u'); // the last decision: the lift
  await until(() => sql(p, 'SELECT undone > 0 AS u FROM decision WHERE kind = \'lift\'')[0].u === 1);
  assert.notEqual(await focused(), 'nothing');
});

test('an appeal, from the queue to its answer', async () => {
  const [{ id }] = sql(p, 'SELECT CAST(id AS TEXT) AS id FROM decision WHERE kind = \'remove\' AND undone = 0 ORDER BY id DESC LIMIT 1');
  sql(p, `UPDATE decision SET moderator = ${ann.id} WHERE id = ${id}`); // another's
  assert.equal((await ann.post(`/decision/${idText(id)}/appeal`, { words: 'It was a quote.' })).status, 303);
  await open('/moderation/appeals');
  await page.keyboard.press('j');
  await until(async () => await focused() === 'item');
  await tabTo('.item .buttons a.button');
  await reloaded('Enter');
  await tabTo('form[action$="/answer"] textarea');
  await page.keyboard.type('You are right.');
  await tabTo('button[value=reversed]');
  await reloaded('Enter');
  assert.equal(sql(p, 'SELECT outcome FROM appeal')[0].outcome, 'reversed');
  assert.equal(state('Rude words').state, 'shown');
});

test('a notice', async () => {
  const id = await write(ann, 'Said to be unlawful');
  assert.equal((await new Client(p).post('/notice', { comment: `/comment/${id}`, why: 'A threat.', name: 'Nora', address: 'nora@example.org', faith: '1' })).status, 200);
  await open('/moderation/notices');
  await page.keyboard.press('j');
  await until(async () => await focused() === 'item');
  await tabTo('.item textarea[name=words]');
  await page.keyboard.type('It is none.');
  await tabTo('button[value=kept]');
  await reloaded('Enter');
  assert.equal(sql(p, 'SELECT outcome FROM notice')[0].outcome, 'kept');
});

test('every key does what the help says, and none is taken while one types', async () => {
  await open('/moderation/recent');
  await page.keyboard.press('?');
  const told = await page.locator('[data-keys] kbd').allTextContents();
  assert.deepEqual(told, ['j', 'k', 'a', 'r', 'p', 'c', 'u', '?']);
  await page.keyboard.press('j');
  const before = sql(p, 'SELECT count(*) AS n FROM decision')[0].n;
  await page.keyboard.press('r');
  await page.keyboard.press('Tab');
  await page.keyboard.type('japcru?k');
  assert.equal(await page.evaluate(() => document.activeElement.value), 'japcru?k');
  assert.equal(sql(p, 'SELECT count(*) AS n FROM decision')[0].n, before);
  for (const key of ['Control+a', 'Alt+p', 'Meta+c']) await page.keyboard.press(key);
  assert.equal(sql(p, 'SELECT count(*) AS n FROM decision')[0].n, before);
});
