// privacy.test.mjs: another address, everything about oneself to take away, and the end of an account.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { png } from './newsroom.mjs';
import { Client, letters, letterTo, readersPublication } from './readers.mjs';

const run = promisify(execFile);
let p;
before(async () => { p = await readersPublication(); });
after(() => p.end());

// What time, or somebody else, would have done to the database.
const sql = async (text) => JSON.parse((await run('sqlite3', ['-json', '-cmd', '.timeout 10000', join(p.folder, 'stet.db'), text])).stdout || '[]');
async function until(what, why) {
  for (let i = 0; i < 3600; i++) {
    const found = await what();
    if (found) return found;
    await new Promise((r) => setTimeout(r, 50));
  }
  throw new Error(`${why}: ${p.log}`);
}
async function fresh(name, address) {
  const c = new Client(p);
  const me = await c.register(name, address);
  return Object.assign(c, { id: me.id, url: me.url });
}
const unproven = (c) => sql(`UPDATE session SET proven = 1 WHERE reader = (SELECT id FROM reader WHERE address = '${c}')`);

describe('another address', () => {
  test('counts once it is proven, by link or code; the one before is told', async () => {
    const c = await fresh('Addie Dress', 'old@example.org');
    const other = new Client(p);
    await other.post('/sign-in/mail', { address: 'old@example.org' });
    const waiting = await letterTo(p, 'old@example.org', 2);
    assert.equal((await c.post('/account/address', { address: 'New@Example.org' })).headers.get('location'), `${p.url}/account/address/code`);
    const mail = await letterTo(p, 'New@Example.org');
    assert.match(await c.html('/account/address/code'), /New@Example\.org/);
    assert.equal((await c.post('/account/address/code', { code: '00000000' })).status, 422);
    // Opening the link changes nothing.
    assert.match(await (await new Client(p).get(mail.link)).text(), /Addie Dress/);
    assert.match(await c.html('/account'), /old@example\.org/);
    assert.equal((await c.post('/account/address/code', { code: mail.code })).headers.get('location'), `${p.url}/account?said=address`);
    assert.match(await c.html('/account'), /New@Example\.org/);
    assert.match((await letterTo(p, 'old@example.org', 3)).text, /New@Example\.org from now on/);
    // A link that was on its way to the address before opens nothing any more, and the code served once.
    assert.equal((await new Client(p).get(waiting.link)).status, 410);
    assert.equal((await new Client(p).get(mail.link)).status, 410);
    const again = new Client(p);
    await again.post('/sign-in/mail', { address: 'new@example.org' });
    await again.post('/mail-code', { code: (await letterTo(p, 'New@Example.org', 2)).code });
    assert.equal((await again.me()).name, 'Addie Dress');
  });

  test('of somebody else changes nothing, and the page does not tell', async () => {
    await fresh('First Comer', 'taken@example.org');
    const c = await fresh('Second Comer', 'second@example.org');
    const known = await c.post('/account/address', { address: 'taken@example.org' });
    const page = (await c.html('/account/address/code')).replaceAll('taken@', 'X@');
    const unknown = await c.post('/account/address', { address: 'nobody@example.org' });
    assert.equal(known.headers.get('location'), unknown.headers.get('location'));
    assert.equal((await c.html('/account/address/code')).replaceAll('nobody@', 'X@'), page);
    const told = await letterTo(p, 'taken@example.org', 2);
    assert.match(told.text, /nothing was changed/);
    assert.equal(told.code, undefined);
    assert.doesNotMatch(told.bytes, /\/mail\//);
  });

  test('is not given to whoever has the mail box alone', async () => {
    const c = await fresh('Typo Maker', 'typo@example.org'), stranger = await fresh('Stran Ger', 'stranger@example.org');
    await c.post('/account/address', { address: 'mistyped@example.org' });
    const { link } = await letterTo(p, 'mistyped@example.org');
    assert.match((await new Client(p).post(link)).headers.get('location'), /\/sign-in\?next=/);
    assert.equal((await stranger.post(link)).status, 422);
    assert.deepEqual(await sql("SELECT address FROM reader WHERE name = 'Typo Maker'"), [{ address: 'typo@example.org' }]);
    assert.equal((await c.post(link)).headers.get('location'), `${p.url}/account?said=address`);
  });

  test('is asked for again who it is', async () => {
    const c = await fresh('Stale Session', 'stale@example.org');
    await unproven('stale@example.org');
    for (const path of ['/account/address', '/account/copy', '/account/delete'])
      for (const answer of [await c.get(path), await c.post(path, { address: 'x@example.org' })])
        assert.match(answer.headers.get('location'), /\/account\/prove\?next=/, path);
  });
});

describe('everything about oneself', () => {
  test('comes as a zip that any program reads, with all of it and no secret, to its owner alone, for a day', async (t) => {
    const c = await fresh('Cora Copy', 'cora@example.org'), friend = await fresh('Fred Friend', 'fred@example.org');
    await c.post('/account/profile', { name: 'Cora Copia', about: 'Counts <things>', language: 'fr', followers: '1' });
    await c.post(`${friend.url}/follow`);
    await friend.post(`${c.url}/follow`);
    const form = new FormData();
    form.set('picture', new Blob([png(300, 300)], { type: 'image/png' }), 'me.png');
    await fetch(`${p.url}/account/picture`, { method: 'POST', body: form, redirect: 'manual', headers: { cookie: [...c.cookies].map(([k, v]) => `${k}=${v}`).join('; '), 'sec-fetch-site': 'same-origin' } });
    assert.equal((await c.post('/account/copy')).headers.get('location'), `${p.url}/account?said=copy`);
    assert.equal((await c.post('/account/copy')).status, 409); // one at a time
    assert.equal((await c.post('/account/copy')).status, 429); // and not too often
    const mail = await letterTo(p, 'cora@example.org', 2);
    assert.match(mail.subject, /Tout ce qui vous concerne/);

    assert.match((await new Client(p).get(mail.link)).headers.get('location'), /\/sign-in\?next=/);
    assert.equal((await friend.get(mail.link)).status, 403);
    assert.equal((await friend.post(mail.link)).status, 403);
    assert.equal((await c.get(mail.link)).status, 200);
    const zip = await c.post(mail.link);
    assert.equal(zip.headers.get('content-type'), 'application/zip');
    assert.equal(zip.headers.get('cache-control'), 'no-store');
    const dir = await mkdtemp(join(tmpdir(), 'stet-zip-'));
    t.after(() => rm(dir, { recursive: true }));
    await writeFile(join(dir, 'a.zip'), Buffer.from(await zip.arrayBuffer()));
    await run('python3', ['-m', 'zipfile', '-t', join(dir, 'a.zip')]);
    await run('python3', ['-m', 'zipfile', '-e', join(dir, 'a.zip'), dir]);
    assert.deepEqual((await readdir(dir)).sort(), ['a.zip', 'account.html', 'account.json', 'picture.jpg']);
    const json = await readFile(join(dir, 'account.json'), 'utf8'), all = JSON.parse(json);
    assert.equal(all.profile.name, 'Cora Copia');
    assert.equal(all.profile.address, 'cora@example.org');
    assert.equal(all.profile.about, 'Counts <things>');
    assert.deepEqual(all.names.map((n) => n.name), ['Cora Copy']);
    assert.deepEqual(all.following.map((n) => n.name), ['Fred Friend']);
    assert.deepEqual(all.followers.map((n) => n.name), ['Fred Friend']);
    assert.equal(all.sessions.length, 1);
    assert.equal(all.sessions[0].device, 'Firefox, Linux');
    assert.deepEqual(all.record.map((e) => e.kind), ['reader.register', 'reader.rename']);
    for (const part of ['passkeys', 'recovery', 'identities', 'challenges', 'copies']) assert.ok(Array.isArray(all[part]), part);
    assert.doesNotMatch(json, /hash"|handle|secret|argon/i);
    const html = await readFile(join(dir, 'account.html'), 'utf8');
    assert.match(html, /lang="fr"/);
    assert.match(html, /Counts &lt;things&gt;/);
    assert.match(html, /Fred Friend/);

    // After a day neither link nor file is there.
    const [{ id }] = await sql('SELECT id FROM reader_copy');
    const folder = join(p.folder, 'copies'), [file] = await readdir(folder);
    assert.equal((await stat(join(folder, file))).mode & 0o077, 0);
    await sql(`UPDATE reader_copy SET ends = 1; UPDATE challenge SET ends = 1 WHERE kind = 'copy'; UPDATE job SET due = 1 WHERE kind = 'readers.tidy'`);
    assert.equal((await c.get(mail.link)).status, 410);
    await until(async () => (await readdir(folder)).length === 0, 'the file stayed');
    assert.deepEqual(await sql(`SELECT id FROM reader_copy WHERE id = ${id}`), []);
  });
});

describe('the daily tidying', () => {
  test('goes on when one thing cannot go', async () => {
    const c = await fresh('Stuck File', 'stuck@example.org');
    await c.post('/account/copy');
    await letterTo(p, 'stuck@example.org', 2);
    const folder = join(p.folder, 'copies'), [file] = (await readdir(folder)).slice(-1);
    await rm(join(folder, file));
    await mkdir(join(folder, file, 'inside'), { recursive: true }); // what no unlink takes away
    await sql("UPDATE reader_copy SET ends = 1; UPDATE challenge SET ends = 1; UPDATE job SET due = 1 WHERE kind = 'readers.tidy'");
    await until(async () => (await sql('SELECT count(*) AS n FROM challenge WHERE ends = 1'))[0].n === 0, 'challenges stayed');
    await until(() => /while tidying/.test(p.log), 'nothing was said'); // a line comes by a pipe
    await rm(join(folder, file), { recursive: true });
  });

  test('forgets what is over, and puts itself down for tomorrow, once', async () => {
    await fresh('Tidy Wanted', 'tidy@example.org');
    const old = (Date.now() - 31 * 86400e3) * 1000, recent = (Date.now() - 29 * 86400e3) * 1000;
    await sql(`UPDATE session SET made = ${old}`);
    await fresh('Recent One', 'recent@example.org');
    await sql(`UPDATE session SET made = ${recent} WHERE reader = (SELECT id FROM reader WHERE address = 'recent@example.org');
      UPDATE challenge SET ends = 1; UPDATE job SET due = 1 WHERE kind = 'readers.tidy'`);
    await until(async () => (await sql(`SELECT count(*) n FROM challenge`))[0].n === 0, 'challenges stayed');
    await until(async () => (await sql(`SELECT due FROM job WHERE kind = 'readers.tidy'`)).every((j) => j.due > Date.now() * 1000 + 23 * 3600e6), 'not for tomorrow');
    const hashes = await sql(`SELECT r.address, s.address_hash h FROM session s JOIN reader r ON r.id = s.reader`);
    assert.equal(hashes.find((h) => h.address === 'tidy@example.org').h, '');
    assert.notEqual(hashes.find((h) => h.address === 'recent@example.org').h, '');
    await p.stop();
    await p.serve();
    assert.equal((await sql(`SELECT count(*) n FROM job WHERE kind = 'readers.tidy'`))[0].n, 1);
  });
});

describe('deleting an account', () => {
  const soon = () => sql(`UPDATE reader SET leaving = 1 WHERE leaving > 0; UPDATE job SET due = 1 WHERE kind = 'reader.go'`);

  test('waits for a day, in which a button or signing in takes it back', async () => {
    const c = await fresh('Wave Ring', 'wave@example.org'), elsewhere = new Client(p);
    const signIn = async (who, n) => {
      await who.post('/sign-in/mail', { address: 'wave@example.org' });
      await who.post('/mail-code', { code: (await letterTo(p, 'wave@example.org', n)).code });
    };
    await signIn(elsewhere, 2);
    assert.equal((await c.post('/account/delete', { words: 'keep' })).headers.get('location'), `${p.url}/account?said=leaving`);
    assert.equal((await elsewhere.me()).signed_in, false); // whoever else is there
    assert.equal((await c.me()).signed_in, true);
    assert.match((await letterTo(p, 'wave@example.org', 3)).subject, /deleted tomorrow/);
    assert.match(await c.html('/account'), /action="\/account\/keep"/);
    await c.post('/account/keep');
    await sql(`UPDATE job SET due = 1 WHERE kind = 'reader.go'`);
    await until(async () => (await sql(`SELECT 1 FROM job WHERE kind = 'reader.go'`)).length === 0, 'the job stayed');
    assert.equal((await c.me()).name, 'Wave Ring');
    await c.post('/account/delete', { words: 'keep' });
    await signIn(elsewhere, 5);
    assert.deepEqual(await sql(`SELECT state, leaving FROM reader WHERE address = 'wave@example.org'`), [{ state: 'active', leaving: 0 }]);
  });

  test('is over once the account was shut and opened again', async () => {
    const c = await fresh('Shut Open', 'shut@example.org');
    await c.post('/account/delete', { words: 'keep' });
    assert.notDeepEqual(await sql("SELECT leaving FROM reader WHERE name = 'Shut Open'"), [{ leaving: 0 }]);
    await p.run('user', 'disable', 'shut@example.org', '--why', 'a mistake');
    await p.run('user', 'enable', 'shut@example.org');
    assert.deepEqual(await sql("SELECT leaving, state FROM reader WHERE name = 'Shut Open'"), [{ leaving: 0, state: 'active' }]);
  });

  test('leaves a number and nothing else, and its name is nobody\'s', async () => {
    const c = await fresh('Leah Ving', 'leah@example.org'), friend = await fresh('Stay Behind', 'stay@example.org');
    await c.post('/account/profile', { name: 'Lena Ving', about: 'Secret hobby', followers: '1', following: '1' });
    await friend.post(`${c.url}/follow`);
    await c.post(`${friend.url}/follow`);
    assert.match(await friend.html(friend.url), /Lena Ving/);
    await c.post('/account/copy');
    await letterTo(p, 'leah@example.org', 2);
    await c.post('/account/delete', { words: 'remove' });
    await letterTo(p, 'leah@example.org', 3);
    await soon();
    await letterTo(p, 'leah@example.org', 4); // goodbye
    assert.equal((await c.me()).signed_in, false);
    const page = await p.get(c.url);
    assert.equal(page.status, 410);
    const html = await page.text();
    assert.match(html, /Former reader/);
    assert.doesNotMatch(html, /Lena|Leah|hobby/);
    assert.equal((await p.get(`${c.url}/picture.svg`)).status, 404);
    assert.doesNotMatch(await friend.html(friend.url), /Lena Ving/);

    // Nowhere in the database, whatever table.
    await until(async () => (await sql(`SELECT 1 FROM job WHERE kind = 'letter.send'`)).length === 0, 'letters stayed');
    await sql('PRAGMA wal_checkpoint');
    const dump = (await run('sqlite3', [join(p.folder, 'stet.db'), '.dump'], { maxBuffer: 1 << 28 })).stdout;
    for (const trace of ['leah@', 'Leah Ving', 'Lena Ving', 'leahving', 'lenaving', 'Secret hobby'])
      assert.equal(dump.split('\n').filter((l) => l.includes(trace)).join('\n'), '', trace);
    const [row] = await sql(`SELECT * FROM reader WHERE state = 'gone'`);
    assert.equal(row.keep_words, 0);
    for (const key of ['address', 'address_key', 'password', 'totp']) assert.equal(row[key], null, key);
    assert.deepEqual(await readdir(join(p.folder, 'copies')), []);

    const thief = new Client(p);
    for (const name of ['Lena Ving', 'leah ving', 'Former Reader'])
      assert.equal((await thief.post('/register', { name, address: 'thief@example.org', way: 'mail' })).status, 409, name);
    // The address may begin anew.
    const back = await fresh('Someone New', 'leah@example.org'.replace('leah', 'leah2'));
    assert.notEqual(back.id, c.id);
  });
});
