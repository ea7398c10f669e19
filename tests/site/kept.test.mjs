// kept.test.mjs: nothing that somebody typed is lost without script: edits and reports of who is signed out meanwhile,
// notices and moderators' answers with something wrong. And what moderators are refused is said in the page's language.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { importFolder } from './newsroom.mjs';
import { Client, letterThat, letters, readersPublication } from './readers.mjs';

const run = promisify(execFile);
const talk = '/city/harbour/comments';
let p, ada, bob, mod;

const sql = async (text) => JSON.parse((await run('sqlite3', ['-json', '-cmd', '.timeout 10000', join(p.folder, 'stet.db'), text])).stdout || '[]');
async function person(name, role) {
  const address = `${name.split(' ')[0].toLowerCase()}@example.org`, c = new Client(p);
  await c.register(name, address);
  if (role) await sql(`UPDATE reader SET role = '${role}' WHERE address = '${address}'`);
  return Object.assign(c, { address });
}
async function write(c, text) {
  const done = await c.post(talk, { text });
  assert.equal(done.status, 303, await done.text());
  return /#c-(\w+)$/.exec(done.headers.get('location'))[1];
}
// A browser whose session is gone, and the same reader signing in again by a mail, led to where the answer says.
async function signsInAgain(c, answer) {
  assert.equal(answer.status, 303);
  const next = new URL(answer.headers.get('location')).searchParams.get('next');
  assert.match(next, /^\/comment\/draft\/\w+$/);
  assert.equal((await new Client(p).get(next)).status, 303, 'the kept words are shown to who is signed in');
  const again = new Client(p), before = new Set((await letters(p)).map((l) => l.id));
  assert.equal((await again.post('/sign-in/mail', { address: c.address, next })).status, 303);
  const done = await again.post('/mail-code', { code: (await letterThat(p, c.address, (l) => l.code && !before.has(l.id))).code });
  assert.equal(done.headers.get('location'), p.url + next);
  return { again, next };
}

before(async () => {
  p = await readersPublication();
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    'harbour.md': `---\nheadline: The harbour\nsection: city\nslug: harbour\npublished: ${new Date(Date.now() - 5 * 86400e3).toISOString()}\n---\nThe pier stays.\n`,
  });
  await p.run('forum', 'settings', 'publication', 'days', '0');
  ada = await person('Ada Quill');
  bob = await person('Bob Stone');
  mod = await person('Mona Rule', 'moderator');
});
after(() => p?.end());

describe('what was typed', () => {
  test('an edit waits while its writer signs in', async () => {
    const id = await write(ada, 'First words');
    const answer = await new Client(p).post(`/comment/${id}/edit`, { text: 'Better words, typed for long' });
    const { again, next } = await signsInAgain(ada, answer);
    const page = await again.html(next);
    assert.match(page, /Better words, typed for long<\/textarea>/);
    assert.match(page, new RegExp(`action="/comment/${id}/edit"`));
    const draft = /name="draft" value="(\w+)"/.exec(page)[1];
    assert.equal((await bob.post(`/comment/${id}/edit`, { text: 'Not mine', draft })).status, 403);
    assert.equal((await again.post(`/comment/${id}/edit`, { text: 'Better words, typed for long', draft })).status, 303);
    assert.match(await p.html(talk), /Better words, typed for long/);
    assert.equal((await again.get(next)).status, 410, 'a draft that was used is kept no longer');
  });

  test('a report waits with its reason', async () => {
    const id = await write(ada, 'Odd words');
    const odd = await new Client(p).post(`/comment/${id}/report`, { reason: 'x'.repeat(500_000), words: 'Why not' });
    assert.equal(odd.status, 422, 'a stranger keeps no reason that is none');
    assert.equal((await odd.text()).length < 50_000, true);
    const answer = await new Client(p).post(`/comment/${id}/report`, { reason: 'false', words: 'The pier was never sold' });
    const { again, next } = await signsInAgain(bob, answer);
    const page = await again.html(next);
    assert.match(page, /The pier was never sold<\/textarea>/);
    assert.match(page, /value="false" required checked/);
    const draft = /name="draft" value="(\w+)"/.exec(page)[1];
    // Answered wrongly it comes back once more.
    const wrong = await again.post(`/comment/${id}/report`, { words: 'The pier was never sold', draft });
    assert.equal(wrong.status, 422);
    assert.match(await wrong.text(), /The pier was never sold<\/textarea>/);
    assert.equal((await again.post(`/comment/${id}/report`, { reason: 'false', words: 'The pier was never sold', draft })).status, 200);
    assert.match(await mod.html('/moderation/reported'), /The pier was never sold/);
    // Script is told that nobody is signed in; nothing is kept for it.
    const script = await new Client(p).post(`/comment/${id}/report`, { reason: 'spam' }, { headers: { accept: 'application/json' } });
    assert.equal(script.status, 401);
  });

  test('a notice comes back with the error at its field, whatever is wrong', async () => {
    const id = await write(ada, 'Unlawful words');
    const good = { comment: `${p.url}${talk}/${id}`, why: 'It names a child.', name: 'Cy Dee', address: 'cy@example.org', faith: '1' };
    for (const [field, value] of [['comment', 'nowhere'], ['comment', `/comment/zzzz`], ['why', ''], ['why', 'x'.repeat(1001)], ['name', ''], ['name', 'n'.repeat(101)],
      ['name', 'n'.repeat(2000)], ['address', 'no address'], ['address', ''], ['address', `${'a'.repeat(5000)}@example.org`], ['comment', 'c'.repeat(3000)], ['faith', undefined]]) {
      const form = { ...good, [field]: value };
      if (value === undefined) delete form[field];
      const r = await new Client(p).post('/notice', form), html = await r.text();
      assert.equal(r.status, 422, `${field}: ${value}`);
      assert.match(html, new RegExp(`id="wrong-${field}"`), `${field}: ${value}`);
      assert.match(html, new RegExp(`name="${field}"[^>]*aria-invalid="true"`), field);
      assert.equal(html.match(/class="wrong"/g).length, 1);
      if (field !== 'why') assert.match(html, /It names a child\.<\/textarea>/);
      if (field !== 'faith') assert.match(html, /name="faith" value="1" required checked/);
    }
    assert.equal((await new Client(p).post('/notice', good)).status, 200);
  });

  test("a moderator's words come back", async () => {
    const id = await write(ada, 'Doubtful words');
    const refused = await mod.post(`/moderation/comment/${id}`, { do: 'remove', words: 'A long explanation' });
    assert.equal(refused.status, 422);
    const html = await refused.text();
    assert.match(html, /A long explanation<\/textarea>/);
    assert.match(html, /Choose the rule that this follows\./);
    const board = await mod.html('/moderation/notices');
    const action = /action="(\/moderation\/notice\/\w+)"/.exec(board)[1];
    const empty = await mod.post(action, { words: '' });
    assert.equal(empty.status, 422);
    assert.match(await empty.text(), /Say why: whoever gave the notice is told\./);
    const half = await mod.post(action, { words: 'It is satire.' });
    assert.equal(half.status, 422);
    assert.match(await half.text(), /It is satire\.<\/textarea>/);
    assert.equal((await mod.post(action, { words: 'It is satire.', do: 'kept' })).status, 303);
  });
});

for (const [language, words] of [['fr', 'Choisissez la règle qui s’applique.'], ['ar', 'اختر القاعدة التي يستند إليها هذا.']])
  test(`what moderators are refused is said in the page's language: ${language}`, async () => {
    const there = await readersPublication({ conf: `language = ${language}\n` });
    try {
      await importFolder(there, {
        'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
        'harbour.md': `---\nheadline: The harbour\nsection: city\nslug: harbour\npublished: ${new Date(Date.now() - 5 * 86400e3).toISOString()}\n---\nThe pier stays.\n`,
      });
      await there.run('forum', 'settings', 'publication', 'days', '0');
      const reader = new Client(there), staff = new Client(there);
      await reader.register('Ada Quill', 'ada@example.org');
      await staff.register('Mona Rule', 'mona@example.org');
      await run('sqlite3', ['-cmd', '.timeout 10000', join(there.folder, 'stet.db'), "UPDATE reader SET role = 'moderator' WHERE address = 'mona@example.org'"]);
      const id = /#c-(\w+)$/.exec((await reader.post(talk, { text: 'Words' })).headers.get('location'))[1];
      const page = await staff.post(`/moderation/comment/${id}`, { do: 'remove' });
      assert.equal(page.status, 422);
      assert.ok((await page.text()).includes(words));
      const script = await staff.post(`/moderation/comment/${id}`, { do: 'unpick' }, { headers: { accept: 'application/json' } });
      assert.equal(script.status, 409);
      assert.doesNotMatch((await script.json()).error.text, /[A-Za-z]{4,} picked|moderation-refused/);
    } finally {
      await there.end();
    }
  });
