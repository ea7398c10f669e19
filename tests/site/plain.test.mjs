// plain.test.mjs: readers whose browser runs no script: pages are made for them, and for nobody who only says so.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client, readersPublication } from './readers.mjs';

let p;
before(async () => { p = await readersPublication(); });
after(() => p?.end());

const sql = (text) => JSON.parse(execFileSync('sqlite3', ['-json', '-cmd', '.timeout 10000', join(p.folder, 'stet.db'), text], { encoding: 'utf8' }) || '[]');
const DAY = 86400e6, now = () => Date.now() * 1000;
const session = (address) => sql(`SELECT s.id, s.used, s.ends, hex(s.hash) AS hash FROM session s JOIN reader r ON r.id = s.reader WHERE r.address = '${address}'`)[0];
const age = (address, ago, left) => sql(`UPDATE session SET used = ${now() - ago}, turned = ${now() - ago}, ends = ${now() + left} WHERE reader = (SELECT id FROM reader WHERE address = '${address}')`);

describe('a session without script', () => {
  test('lives on by nothing but reading, with a write a day at most', async () => {
    const c = new Client(p);
    await c.register('Daily Reader', 'daily@example.org');
    assert.equal(c.cookies.get('stet_plain'), '1');
    age('daily@example.org', 25 * 3600e6, DAY); // tomorrow it would be over
    const secret = session('daily@example.org').hash;
    const r = await c.get('/');
    assert.match(await r.text(), /Daily Reader/);
    const kept = session('daily@example.org');
    assert.ok(kept.ends > now() + 29 * DAY, 'it was let end');
    assert.equal(kept.hash, secret);
    assert.deepEqual(r.headers.getSetCookie(), []);
    age('daily@example.org', 23 * 3600e6, 20 * DAY);
    const before = session('daily@example.org');
    await c.get('/');
    assert.deepEqual(session('daily@example.org'), before);
  });

  test('of staff lives on, too, though it is shorter', async () => {
    const c = new Client(p);
    await c.register('Sam Ferry', 'mod@example.org');
    sql("UPDATE reader SET role = 'moderator' WHERE address = 'mod@example.org'");
    age('mod@example.org', 4 * 3600e6, 3600e6);
    await c.get('/');
    assert.ok(session('mod@example.org').ends > now() + 11 * 3600e6);
  });
});

describe('the cookie that says so', () => {
  test('makes no page for who is not signed in', async () => {
    const anybodys = await p.get('/'), text = await anybodys.text();
    for (const cookie of ['stet_plain=1', 'stet_plain=1; stet_in=1', `stet_plain=1; __Host-stet=${'A'.repeat(43)}`]) {
      const r = await fetch(p.url, { headers: { cookie } });
      assert.equal(r.headers.get('cache-control'), 'public, no-cache', cookie);
      assert.equal(r.headers.get('etag'), anybodys.headers.get('etag'), cookie); // the very answer that is kept
      assert.equal(await r.text(), text);
      assert.equal((await fetch(`${p.url}/search?q=x`, { headers: { cookie } })).headers.get('cache-control'), 'public, no-cache', cookie);
    }
  });

  test('counts no more once its session is over', async () => {
    const c = new Client(p);
    await c.register('Over Soon', 'over@example.org');
    assert.equal((await c.get('/')).headers.get('cache-control'), 'no-store');
    age('over@example.org', 0, -1e6);
    assert.equal((await c.get('/')).headers.get('cache-control'), 'public, no-cache');
  });
});
