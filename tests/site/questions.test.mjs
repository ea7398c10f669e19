// questions.test.mjs: the newsroom opens questions and answers by forms, readers ask, a guest answers, it ends; in Chromium
// with and without script. And a branch that became slow says so.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { chromium, plainly } from './lib.mjs';
import { importFolder } from './newsroom.mjs';
import { Client, letterTo, readersPublication } from './readers.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const run = promisify(execFile);
const story = '/city/harbour', talk = `${story}/comments`;
let p, ada, bob, gus, mod, board;

const sql = async (text) => JSON.parse((await run('sqlite3', ['-json', '-cmd', '.timeout 10000', join(p.folder, 'stet.db'), text])).stdout || '[]');
async function person(name, role) {
  const address = `${name.split(' ')[0].toLowerCase()}@example.org`, c = new Client(p);
  await c.register(name, address);
  if (role) await sql(`UPDATE reader SET role = '${role}' WHERE address = '${address}'`);
  return Object.assign(c, { address, name });
}
async function write(c, text, more = {}) {
  const done = await c.post(talk, { text, ...more });
  assert.equal(done.status, 303, await done.text());
  return /#c-(\w+)$/.exec(done.headers.get('location'))[1];
}
const page = async (c = new Client(p), at = talk) => plainly(await (await c.get(at)).text());
// A moment as the form has it, in the publication's zone.
const field = (ms) => new Date(Date.now() + ms).toLocaleString('sv-SE', { timeZone: 'America/Toronto' }).slice(0, 16).replace(' ', 'T');
const order = (html, ...texts) => { let at = -1; for (const t of texts) { const next = html.indexOf(t, at + 1); assert.ok(next > at, `${t} follows`); at = next; } };
async function signedIn(browser, c, options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(180_000); // as the pages of the browser itself
  await context.addCookies([...c.cookies].map(([name, value]) => ({ name, value, domain: 'localhost', path: '/', secure: name.startsWith('__'), sameSite: 'Lax' })));
  return context.newPage();
}

before(async () => {
  p = await readersPublication();
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    'harbour.md': `---\nheadline: The harbour\nsection: city\nslug: harbour\npublished: ${new Date(Date.now() - 3_600_000).toISOString()}\n---\nThe pier stays.\n`,
  });
  ada = await person('Ada Quill');
  bob = await person('Bob Stone');
  gus = await person('Gus Pilot');
  mod = await person('Mona Rule', 'moderator');
});
after(() => p?.end());

describe('questions and answers', () => {
  test('are opened by forms on the moderators’ board, where wrong input comes back', async () => {
    const list = await mod.html('/moderation/conversations');
    board = /href="(\/moderation\/conversation\/\w+)"[^>]*>The harbour/.exec(list)[1];
    assert.match(await mod.html('/moderation'), /href="\/moderation\/conversations"/);
    for (const [c, status] of [[ada, 403], [new Client(p), 303]]) {
      assert.equal((await c.get(board)).status, status);
      assert.equal((await c.post(board, { form: 'when', answers: '1' })).status, status);
      assert.equal((await c.post(board, { form: 'invite', who: 'Ada Quill' })).status, status);
    }
    const bad = await mod.post(board, { form: 'when', answers: '1', from: field(0), until: field(-3_600_000) });
    assert.equal(bad.status, 422);
    assert.match(await bad.text(), /id="wrong-until"[^]*The time for questions must end after it begins/);
    const soon = await mod.post(board, { form: 'when', answers: '1', from: 'soon' });
    assert.equal(soon.status, 422);
    assert.match(await soon.text(), /value="soon"/);
    const nobody = await mod.post(board, { form: 'invite', who: 'Nobody Here', title: 'harbour master' });
    assert.equal(nobody.status, 422);
    assert.match(await nobody.text(), /id="wrong-who"[^]*value="Nobody Here"[^]*value="harbour master"/);
    assert.equal((await mod.post(board, { form: 'how', days: 'x' })).status, 422);

    assert.equal((await mod.post(board, { form: 'when', answers: '1', until: field(7_200_000) })).status, 303);
    assert.equal((await mod.post(board, { form: 'invite', who: gus.address, title: 'harbour master' })).status, 303);
    const letter = await letterTo(p, gus.address, 2);
    assert.match(letter.text, /The harbour/);
    assert.match(letter.text, /\/questions/);
    assert.equal((await p.json('forum', 'settings', 'harbour', 'guests', 'Gus Pilot (harbour master); BOB@example.org')).guests.includes('Bob Stone'), true);
    for (const who of ['Nobody Here', 'Mona Rule', 'nobody@example.org']) assert.notEqual((await p.cli(['forum', 'settings', 'harbour', 'guests', who])).code, 0, who);
    await p.run('forum', 'settings', 'harbour', 'guests', 'Gus Pilot (harbour master)');
    const set = await p.json('forum', 'settings', 'harbour');
    assert.equal(set.answers, true);
    assert.equal(set.guests, 'Gus Pilot (harbour master)');
    // What was not changed is as the wider place has it.
    assert.equal((await mod.post(board, { form: 'how', open: 'open', mode: 'after', days: '14', slow: '0', question: 'What do you want to know?', why: '' })).status, 303);
    assert.deepEqual(Object.keys(await p.json('forum', 'settings', 'harbour')).sort(), ['among', 'answers', 'guests', 'question', 'until']);
    assert.match(await page(), /What do you want to know\?/);
  });

  let low, high, answered;
  test('readers ask and recommend; they do not answer one another', async () => {
    low = await write(ada, 'Who paints the pier?');
    high = await write(bob, 'How deep is the water?');
    answered = await write(ada, 'Is there a ferry?');
    assert.equal((await ada.post(`/comment/${high}/recommend`)).status, 303);
    const refused = await ada.post(talk, { text: 'Very deep.', answers: high });
    assert.equal(refused.status, 403);
    const html = await refused.text();
    assert.match(html, /Here the guests answer/);
    assert.match(html, /Very deep\.<\/textarea>/);
    const whole = await page();
    order(whole, 'How deep is the water?', 'Who paints the pier?');
    assert.match(whole, /Your question<\/label>/);
    assert.match(whole, /Gus Pilot[^]*harbour master/);
    assert.match(whole, /Questions can be asked until/);
    assert.equal((await page(new Client(p), story)).includes('Waits for an answer.'), true);
  });

  test('the guest finds what waits, best first, and answers there; nobody else has such a page', async () => {
    const mine = await gus.html('/questions');
    order(mine, 'How deep is the water?', 'Who paints the pier?');
    assert.match(mine, /3 questions wait\./);
    assert.match(await ada.html('/questions'), /Nobody has invited you/);
    assert.equal((await new Client(p).get('/questions')).status, 303);
    assert.equal((await gus.get('/moderation')).status, 403, 'a guest is no staff');
    const done = await gus.post(talk, { text: 'Twice a day.', answers: answered, next: '/questions' });
    assert.equal(done.headers.get('location'), `${p.url}/questions`);
    assert.doesNotMatch(await gus.html('/questions'), /Is there a ferry\?/);
    assert.equal((await gus.post(talk, { text: '', answers: low, next: '/questions' })).status, 422);
  });

  test('filters show what waits and what is answered; the story has answered questions first', async () => {
    const waiting = await page(undefined, `${talk}?show=waiting`), done = await page(undefined, `${talk}?show=answered`);
    assert.ok(waiting.includes('How deep') && !waiting.includes('Is there a ferry?'));
    assert.ok(done.includes('Is there a ferry?') && !done.includes('How deep'));
    order(done, 'Is there a ferry?', 'harbour master', 'Twice a day.');
    order(await page(undefined, story), 'Is there a ferry?', 'Twice a day.', 'How deep is the water?');
    assert.match(waiting, /aria-current="true">Waiting <span class="count">2<\/span>/);
    assert.equal((await new Client(p).get(`${talk}?show=nothing`)).status, 200);
    // Whoever asked goes on; the newsroom answers, too.
    await write(ada, 'In winter, too?', { answers: answered });
    await write(mod, 'We asked the painters.', { answers: low });
    assert.match(await page(undefined, `${talk}?show=waiting`), /Waiting <span class="count">1<\/span>/);
    const check = await p.cli(['doctor']);
    assert.equal(check.code, 0, check.stdout + check.stderr);
  });

  for (const javaScriptEnabled of [true, false])
    test(`in a browser ${javaScriptEnabled ? 'with' : 'without'} script`, async () => {
      const browser = await chromium(), by = javaScriptEnabled ? 'with' : 'without';
      try {
        const reader = await signedIn(browser, ada, { javaScriptEnabled });
        await reader.goto(p.url + talk);
        if (javaScriptEnabled) await reader.waitForSelector('.talk[data-ready]');
        await reader.getByLabel('Your question').fill(`What of boats ${by} script?`);
        await reader.getByRole('button', { name: 'Ask', exact: true }).press('Enter');
        await reader.getByText(`What of boats ${by} script?`).first().waitFor();
        const other = reader.locator('.comment', { hasText: 'How deep is the water?' }).first();
        assert.equal(await other.locator(':scope > footer [data-reply]').isVisible(), false, 'no way to answer the question of another');
        await reader.close();

        const guest = await signedIn(browser, gus, { javaScriptEnabled });
        if (!javaScriptEnabled) await guest.context().addCookies([{ name: 'stet_plain', value: '1', url: p.url }]);
        await guest.goto(p.url + talk);
        await guest.getByRole('link', { name: 'Questions for you' }).click();
        await guest.waitForURL('**/questions');
        const section = guest.locator('form.write', { has: guest.locator('textarea') }).last();
        await section.getByLabel('Your answer').fill(`They stay, ${by} script.`);
        // It leads back to where the guest is already: the page is another once what was answered is not on it.
        const questions = guest.locator('form.write'), waiting = await questions.count();
        await section.getByRole('button', { name: 'Answer' }).press('Enter');
        await questions.nth(waiting - 1).waitFor({ state: 'detached' });
        await guest.waitForLoadState();
        await guest.goto(`${p.url}${talk}?show=answered`);
        const answer = guest.locator('.by-guest', { hasText: `They stay, ${by} script.` });
        await answer.waitFor();
        assert.equal(await answer.locator('.badge.guest').innerText(), 'harbour master');
        if (javaScriptEnabled) {
          for (const at of [talk, '/questions', `${talk}?show=waiting`]) {
            await guest.goto(p.url + at);
            await guest.evaluate(axe);
            const found = await guest.evaluate(async () => (await globalThis.axe.run()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`));
            assert.deepEqual(found, [], at);
          }
          const staff = await signedIn(browser, mod);
          await staff.goto(p.url + talk);
          await staff.getByRole('link', { name: 'How this conversation is held' }).click();
          await staff.waitForURL('**/moderation/conversation/*');
          await staff.evaluate(axe);
          assert.deepEqual(await staff.evaluate(async () => (await globalThis.axe.run()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)), []);
        }
      } finally {
        await browser.close();
      }
    });

  test('an open page hears when the time is over, and then all stands to be read', async () => {
    // The next second is soon enough for a test; the form has minutes, the command line seconds.
    await p.run('forum', 'settings', 'harbour', 'until', new Date(Date.now() + 1500).toISOString());
    await page();
    for (let i = 0; !/This ended on/.test(await page()); i++) {
      assert.ok(i < 1800, 'the page says that it is over');
      await new Promise((r) => setTimeout(r, 100));
    }
    for (const [c, form] of [[ada, { text: 'Too late?' }], [gus, { text: 'Late.', answers: high }]]) assert.equal((await c.post(talk, form)).status, 403);
    assert.notEqual((await bob.post(`/comment/${low}/recommend`)).status, 303);
    const whole = await page();
    for (const text of ['How deep', 'Twice a day.', 'harbour master']) assert.ok(whole.includes(text), text);
    assert.doesNotMatch(whole, /<textarea/);
    assert.doesNotMatch(await gus.html('/questions'), /<textarea/);
    // The guest goes; the mark at what they said stays.
    const guests = await mod.html(board), id = /name="dismiss" value="(\w+)"/.exec(guests)[1];
    assert.equal((await mod.post(board, { form: 'dismiss', dismiss: id })).status, 303);
    assert.match(await page(), /badge guest" dir="auto">Guest</);
  });
});

describe('a branch that is slow', () => {
  test('says so before anybody answers, and moderators end it', async () => {
    for (const [name, value] of [['answers', 'no'], ['from', 'inherit'], ['until', 'inherit'], ['heat_rate', '3']]) await p.run('forum', 'settings', 'harbour', name, value);
    const root = await write(ada, 'A bold claim'), one = await write(bob, 'No.', { answers: root });
    assert.doesNotMatch(await page(), /This branch is slow/);
    await write(ada, 'Yes.', { answers: one });
    await write(bob, 'But no.', { answers: root });
    const html = await page();
    // Where midnight comes first, the day is said as well.
    assert.match(html, /This branch is slow until (\w+ \d+ \w+ \d+ )?\d\d:\d\d( \w+)?: each reader can answer in it once in 5 minutes\./);
    // Also where one answers what is deep in it.
    assert.match(await ada.html(`/comment/${one}/reply`), /This branch is slow until/);
    const refused = await bob.post(talk, { text: 'Never.', answers: one });
    assert.equal(refused.status, 429);
    const text = await refused.text();
    assert.match(text, /you can answer in it again in \d minutes?/);
    assert.match(text, /Never\.<\/textarea>/);
    assert.equal((await bob.post(talk, { text: 'Elsewhere.' })).status, 303);
    assert.match(await mod.html(`/moderation/comment/${root}`), /slow until/);
    assert.equal((await mod.post(`/moderation/comment/${one}`, { do: 'quick' })).status, 303);
    assert.doesNotMatch(await page(), /This branch is slow/);
    assert.equal((await bob.post(talk, { text: 'Never ever.', answers: one })).status, 303);
    assert.equal((await mod.post(`/moderation/comment/${root}`, { do: 'slow' })).status, 303);
    assert.match(await page(), /This branch is slow/);
    assert.match(await page(undefined, '/moderation/log'), /A branch was made slow/);
  });
});
