// moderation.test.mjs: the moderators' work without script and by keys: held, approved, shown; reported, removed, told why; who may
// do nothing any more; appeals, notices.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { chromium, plainly, until } from './lib.mjs';
import { importFolder } from './newsroom.mjs';
import { Client, letterTo, readersPublication } from './readers.mjs';

const run = promisify(execFile);
let p, ada, bob, mod, second;
const talk = '/city/harbour/comments';

async function person(name, role) {
  const address = `${name.split(' ')[0].toLowerCase()}@example.org`;
  const c = new Client(p);
  const me = await c.register(name, address);
  if (role) {
    await run('sqlite3', ['-cmd', '.timeout 10000', join(p.folder, 'stet.db'), `UPDATE reader SET role = '${role}' WHERE address = '${address}'`]);
  }
  return Object.assign(c, { id: me.id, name, address });
}
const sql = async (text) => JSON.parse((await run('sqlite3', ['-json', '-cmd', '.timeout 10000', join(p.folder, 'stet.db'), text])).stdout || '[]');
const idOf = (response) => /#c-(\w+)$/.exec(response.headers.get('location'))[1];
async function write(c, text) {
  const done = await c.post(talk, { text });
  assert.equal(done.status, 303, await done.text());
  return idOf(done);
}
const set = (name, value, place = 'publication') => p.run('forum', 'settings', place, name, value);
const hold = (on) => set('mode', on ? 'before' : 'after');
const decide = (c, id, what, more = {}) => c.post(`/moderation/comment/${id}`, { do: what, ...more });
const shown = async (text) => (await p.html(talk)).includes(text);

before(async () => {
  p = await readersPublication();
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    'harbour.md': `---\nheadline: The harbour\nsection: city\nslug: harbour\npublished: ${new Date(Date.now() - 5 * 86400e3).toISOString()}\n---\nThe pier stays.\n`,
  });
  await set('days', '0');
  ada = await person('Ada Quill');
  bob = await person('Bob Stone');
  mod = await person('Mona Rule', 'moderator');
  second = await person('Sam Second', 'moderator');
});
after(() => p?.end());

describe('moderation', () => {
  test('its pages are for moderators alone, and kept by nobody', async () => {
    for (const path of ['/moderation', '/moderation/reported', `/moderation/reader/${ada.id ?? 1}`]) {
      assert.equal((await new Client(p).get(path)).status, 303, path);
      assert.equal((await ada.get(path)).status, 403, path);
    }
    for (const tab of ['', '/reported', '/recent', '/removed', '/appeals', '/notices']) {
      const r = await mod.get(`/moderation${tab}`);
      assert.equal(r.status, 200, tab + p.log);
      assert.match(r.headers.get('cache-control'), /no-store/);
    }
    assert.equal((await mod.get('/moderation/nothing')).status, 404);
    assert.equal((await ada.post('/moderation/undo')).status, 403);
  });

  test('a held comment waits, is approved, and is shown', async () => {
    await hold(true);
    const id = await write(ada, 'Waiting words');
    assert.equal(await shown('Waiting words'), false);
    assert.match(await mod.html('/moderation'), /Waiting words/);
    assert.equal((await decide(ada, id, 'approve')).status, 403);
    const done = await decide(mod, id, 'approve', { seen: 'held', next: '/moderation' });
    assert.equal(done.status, 303);
    assert.equal(done.headers.get('location'), `${p.url}/moderation`);
    assert.equal(await shown('Waiting words'), true);
    assert.doesNotMatch(await mod.html('/moderation'), /Waiting words/);
    // A second moderator who saw it held is told.
    assert.equal((await decide(second, id, 'remove', { seen: 'held', reason: 'spam' })).status, 409);
    // And the decision is taken back, by whoever made it alone.
    assert.equal((await second.post('/moderation/undo', { decision: (await sql('SELECT max(id) AS id FROM decision'))[0].id.toString() })).status >= 400, true);
    assert.equal((await mod.post('/moderation/undo')).status, 303);
    assert.equal(await shown('Waiting words'), false);
    assert.equal((await decide(mod, id, 'approve')).status, 303);
    await hold(false);
  });

  test('a report leads to removal; a stone stands; its writer reads why, appeals, and another answers', async () => {
    const id = await write(ada, 'Rude words'), reply = await bob.post(talk, { text: 'An answer', answers: id });
    assert.equal(reply.status, 303);
    assert.equal((await bob.post(`/comment/${id}/report`, { reason: 'abuse', words: 'look at this' })).status, 200);
    assert.match(await mod.html('/moderation/reported'), /look at this/);
    assert.equal((await decide(mod, id, 'remove')).status, 422); // by which rule?
    assert.equal((await decide(mod, id, 'remove', { reason: 'other' })).status, 422); // which other?
    assert.equal((await decide(mod, id, 'remove', { reason: 'abuse', words: 'Mind your words.' })).status, 303);
    assert.equal(await shown('Rude words'), false);
    assert.match(await p.html(talk), /A moderator has removed this comment/);
    assert.doesNotMatch(await mod.html('/moderation/reported'), /look at this/);

    const own = await ada.html(`${talk}/${id}`);
    assert.match(own, new RegExp(`href="/comment/${id}/decision"`));
    const page = await ada.html(`/comment/${id}/decision`);
    for (const words of [/Mind your words\./, /insults or threatens/, /Rude words/, /By a person/, /Appeal/]) assert.match(page, words);
    assert.equal((await bob.get(`/comment/${id}/decision`)).status, 404);
    assert.equal((await new Client(p).get(`/comment/${id}/decision`)).status, 303);
    const letter = await letterTo(p, ada.address, 2);
    assert.match(letter.subject, /decided/);

    const action = /action="(\/decision\/\w+)\/appeal"/.exec(page)[1];
    assert.equal((await bob.post(`${action}/appeal`, { words: 'not mine' })).status, 404);
    assert.equal((await ada.post(`${action}/appeal`, { words: '' })).status, 422);
    assert.equal((await ada.post(`${action}/appeal`, { words: 'It was a quote.' })).status, 303);
    assert.equal((await ada.post(`${action}/appeal`, { words: 'Again' })).status, 409);
    assert.match(await mod.html('/moderation/appeals'), /It was a quote\./);
    assert.equal((await mod.post(`${action}/answer`, { do: 'upheld', words: 'I was right' })).status, 403);
    assert.equal((await second.post(`${action}/answer`, { do: 'reversed', words: 'You are right.' })).status, 303);
    assert.equal(await shown('Rude words'), true);
    assert.match(await ada.html(action), /You are right\.[^]*/);
    assert.doesNotMatch(await mod.html('/moderation/appeals'), /It was a quote\./);
    const check = await p.cli(['doctor']);
    assert.equal(check.code, 0, check.stdout + check.stderr);
  });

  for (const [what, fields] of [['suspend', { hours: '24' }], ['ban', {}]])
    test(`after "${what}" nothing that writes goes, until it is lifted`, async () => {
      const c = await person(`${what === 'ban' ? 'Ben' : 'Sue'} Reader`);
      const id = await write(c, `Before ${what}`), other = await write(ada, `Other ${what}`);
      const [{ reader }] = await sql(`SELECT CAST(reader AS TEXT) AS reader FROM comment WHERE source = 'Before ${what}'`);
      const board = /href="(\/moderation\/reader\/\w+)"/.exec((await mod.html(`/moderation/comment/${id}`)))[1];
      assert.ok(reader);
      assert.equal((await mod.post(board, { do: what, ...fields })).status, 422); // by which rule?
      assert.equal((await mod.post(board, { do: what, reason: 'spam', ...fields })).status, 303);
      assert.equal((await c.post(talk, { text: 'More' })).status, 403);
      assert.equal((await c.post(`/comment/${id}/edit`, { text: 'Spam now' })).status, 403);
      assert.equal((await c.post(`/comment/${other}/recommend`)).status, 403);
      assert.ok([403, 422].includes((await c.post(`/comment/${other}/report`, { reason: 'spam' })).status));
      assert.equal((await sql(`SELECT count(*) AS n FROM comment_report WHERE reader = ${reader}`))[0].n, 0);
      assert.equal((await sql(`SELECT source FROM comment WHERE reader = ${reader}`))[0].source, `Before ${what}`);
      assert.match(await mod.html(board), /Lift all/);
      assert.equal((await mod.post(board, { do: 'note', words: 'An old friend' })).status, 303);
      assert.match(await mod.html(board), /An old friend/);
      assert.equal((await mod.post(board, { do: 'lift' })).status, 303);
      assert.equal((await c.post(talk, { text: `Back after ${what}` })).status, 303);
    });

  test('how conversations are held is set by the command line, and heard of by open pages', async () => {
    await set('open', 'closed', 'section:city');
    assert.equal((await ada.post(talk, { text: 'Too late' })).status, 403);
    assert.match(await p.html(talk), /This conversation is closed/);
    await set('open', 'open', 'harbour');
    assert.doesNotMatch(await p.html(talk), /This conversation is closed/);
    assert.equal((await bob.post(talk, { text: 'In time' })).status, 303);
    assert.deepEqual(await p.json('forum', 'settings', 'harbour'), { open: 'open' });
    await set('open', 'inherit', 'harbour');
    await set('open', 'inherit', 'section:city');
    assert.deepEqual(await p.json('forum', 'settings', 'section:city'), {});
    for (const bad of [['publication', 'open', 'ajar'], ['publication', 'nothing', '1'], ['section:none', 'open', 'open'], ['no-such-story', 'open', 'open'], ['publication', 'open']])
      assert.notEqual((await p.cli(['forum', 'settings', ...bad])).code, 0, bad.join(' '));
  });

  test('anybody gives notice of what breaks the law, gets a receipt and an answer', async () => {
    const id = await write(bob, 'Forbidden words'), c = new Client(p);
    const good = { comment: `${p.url}${talk}/${id}#c-${id}`, why: 'It is a threat.', name: 'Nora Neighbour', address: 'nora@example.org', faith: '1' };
    assert.equal((await c.get('/notice')).status, 200);
    for (const [field, bad] of [['comment', 'https://example.org/'], ['why', ' '], ['name', ''], ['address', 'nora'], ['faith', undefined]]) {
      const form = { ...good, [field]: bad };
      if (bad === undefined) delete form[field];
      const r = await c.post('/notice', form);
      assert.equal(r.status, 422, field);
      if (field !== 'name') assert.match(plainly(await r.text()), /Nora Neighbour/); // it comes back as it was filled
    }
    assert.equal((await c.post('/notice', good)).status, 200);
    assert.match((await letterTo(p, 'nora@example.org')).subject, /arrived/);
    const page = await mod.html('/moderation/notices');
    assert.match(page, /It is a threat\./);
    const action = /action="(\/moderation\/notice\/\w+)"/.exec(page)[1];
    assert.equal((await ada.post(action, { do: 'removed', words: 'x' })).status, 403);
    assert.equal((await mod.post(action, { do: 'removed', words: 'It was one.' })).status, 303);
    assert.match((await letterTo(p, 'nora@example.org', 2)).text, /It was one\./);
    assert.equal(await shown('Forbidden words'), false);
    assert.match(await bob.html(`/comment/${id}/decision`), /The ground is the law/);
    assert.equal((await mod.post(action, { do: 'kept', words: 'x' })).status, 409);
  });

  test('who gave notice is forgotten half a year after the answer', async () => {
    const was = (await sql("SELECT count(*) AS n FROM notice WHERE address <> ''"))[0].n;
    assert.ok(was >= 1);
    const month = 30 * 86400e6, tidy = async () => {
      await sql("UPDATE job SET due = 1 WHERE kind = 'readers.tidy'");
      await until(async () => (await sql("SELECT due FROM job WHERE kind = 'readers.tidy'")).every((j) => j.due > Date.now() * 1000), 'it was tidied');
    };
    await sql(`UPDATE notice SET answered = answered - ${6 * month} WHERE answered > 0`);
    await tidy();
    assert.equal((await sql("SELECT count(*) AS n FROM notice WHERE address <> ''"))[0].n, was);
    await sql(`UPDATE notice SET answered = answered - ${month} WHERE answered > 0`);
    await tidy();
    assert.deepEqual(await sql('SELECT name, address FROM notice WHERE answered > 0'), [{ name: '', address: '' }]);
  });

  test('by keys alone, in a browser; two moderators see one another; nothing for axe to find', async () => {
    await hold(true);
    for (const n of ['one', 'two', 'three']) await write(ada, `Key ${n}`);
    await hold(false);
    const browser = await chromium();
    try {
      const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
      const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
      await context.addCookies([{ name: '__Host-stet', value: mod.session, url: p.url.replace('http:', 'https:'), secure: true, httpOnly: true, sameSite: 'Lax' }]);
      const page = await context.newPage();
      await page.goto(`${p.url}/moderation`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), true);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } }));
      assert.deepEqual(violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target} ${n.failureSummary}`)), []);
      await page.keyboard.press('j');
      await page.waitForSelector('.item.current:has-text("Key one")');
      const claimed = async () => /Being looked at by <bdi[^>]*>Mona Rule/.test(await second.html('/moderation'));
      for (const end = Date.now() + 90_000; !await claimed();) { // she has it for two minutes
        assert.ok(Date.now() < end, 'the other moderator sees who looks at it');
        await new Promise((r) => setTimeout(r, 50));
      }
      await page.keyboard.press('a');
      await page.waitForSelector('.item.current:has-text("Key two")');
      assert.equal(await shown('Key one'), true);
      await page.keyboard.press('j');
      await page.waitForSelector('.item.current:has-text("Key three")');
      await page.keyboard.press('k');
      await page.keyboard.press('r');
      await page.waitForSelector('.item.current details[open] select:focus');
      await page.keyboard.press('Tab');
      await page.keyboard.type('by keys');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.item.current:has-text("Key three")');
      assert.equal((await sql(`SELECT state FROM comment WHERE source = 'Key two'`))[0].state, 'removed');
      await Promise.all([page.waitForEvent('load'), page.keyboard.press('u')]);
      assert.equal((await sql(`SELECT state FROM comment WHERE source = 'Key two'`))[0].state, 'held');
      await context.close();
    } finally {
      await browser.close();
    }
  });

  test('everybody reads what was decided, and never about whom; a year is counted', async () => {
    const html = await new Client(p).html('/moderation/log');
    assert.match(html, /A comment was removed\./);
    for (const name of [ada.name, 'Ada']) if (name) assert.ok(!html.includes(name), name);
    assert.equal((await new Client(p).get('/moderation/log?before=!')).status, 404);
    const here = new Intl.DateTimeFormat('en', { year: 'numeric', timeZone: 'America/Toronto' }); // as the publication counts years
    const year = await p.json('forum', 'report', here.format(new Date()));
    const none = await p.json('forum', 'report', '1999');
    assert.ok(year.decisions.remove >= 1 && year.comments.shown >= 1);
    assert.deepEqual([none.decisions, none.comments], [{}, {}]);
    assert.ok(year.median_seconds.held >= 0);
    assert.equal((await p.cli(['forum', 'report', 'soon'])).code, 64);
  });
});
