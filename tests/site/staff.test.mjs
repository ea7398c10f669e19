// staff.test.mjs: invitations, the second factor, and that a mail box alone does not open the newsroom.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import * as OTPAuth from 'otpauth';
import { Client, letters, letterTo, readersPublication } from './readers.mjs';

const run = promisify(execFile);
let p;
before(async () => { p = await readersPublication(); });
after(() => p.end());

const sql = async (text) => JSON.parse((await run('sqlite3', ['-json', '-cmd', '.timeout 10000', join(p.folder, 'stet.db'), text])).stdout || '[]');
async function fresh(name, address) {
  const c = new Client(p);
  const me = await c.register(name, address);
  return Object.assign(c, { id: me.id, url: me.url, address });
}
const field = (html, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1];
// Sets up a second factor as an app would: from the address in the QR code. {totp, codes}
async function setUp(c) {
  const html = (await c.html('/account/factor')).replaceAll('&amp;', '&');
  const totp = OTPAuth.URI.parse(/href="(otpauth:[^"]+)"/.exec(html)[1]);
  const done = await c.post('/account/factor', { sealed: field(html, 'sealed'), code: totp.generate() });
  assert.equal(done.status, 200);
  assert.equal(done.headers.get('cache-control'), 'no-store');
  const codes = [...(await done.text()).matchAll(/<li>([a-z0-9]{5}-[a-z0-9]{5})<\/li>/g)].map((m) => m[1]);
  return { totp, codes };
}
// By mail, as far as that leads.
async function byMail(address, c = new Client(p), next = '/') {
  const mails = async () => (await letters(p)).filter((l) => l.to === address && /^Sign in to/.test(l.subject));
  const before = (await mails()).length;
  assert.equal((await c.post('/sign-in/mail', { address, next })).status, 303);
  let mail;
  while (!(mail = (await mails())[before])) await new Promise((r) => setTimeout(r, 50));
  const done = await c.post('/mail-code', { code: mail.code });
  return Object.assign(c, { where: done.headers.get('location'), address });
}
// A code that was not used yet: of the step after the last one.
const later = (totp, steps) => totp.generate({ timestamp: Date.now() + steps * 30e3 });

describe('a second factor', () => {
  test('is asked for after mail and password, each code once, by any app that reads the address', async () => {
    const c = await fresh('Toti Perl', 'totp@example.org'), other = await byMail('totp@example.org');
    assert.equal((await other.me()).signed_in, true);
    const { totp, codes } = await setUp(c);
    assert.deepEqual([totp.issuer, totp.label, totp.algorithm, totp.digits, totp.period], ['The Test', 'totp@example.org', 'SHA1', 6, 30]);
    assert.equal(codes.length, 10);
    assert.equal(new Set(codes).size, 10);
    assert.equal((await other.me()).signed_in, false); // all other places are signed out
    assert.equal((await c.me()).signed_in, true);
    assert.match((await letterTo(p, 'totp@example.org', 3)).subject, /second factor/);
    assert.doesNotMatch(await c.html('/account/factor'), new RegExp(codes[0]));
    const row = (await run('sqlite3', [join(p.folder, 'stet.db'), '.dump'])).stdout;
    assert.ok(!row.includes(Buffer.from(totp.secret.bytes).toString('hex').toUpperCase()) && !row.includes(Buffer.from(totp.secret.bytes).toString('hex')));
    for (const code of codes) assert.ok(!row.includes(code));

    const again = await byMail('totp@example.org', new Client(p), '/account');
    assert.match(again.where, /\/sign-in\/factor\?next=/);
    assert.equal((await again.me()).signed_in, false);
    assert.equal((await again.post('/sign-in/factor', { code: '000000' })).status, 422);
    const now = Date.now(), code = totp.generate({ timestamp: now + 30e3 });
    const done = await again.post('/sign-in/factor', { code: ` ${code.slice(0, 3)} ${code.slice(3)}` });
    assert.equal(done.headers.get('location'), `${p.url}/account`);
    assert.equal((await again.me()).name, 'Toti Perl');
    assert.deepEqual((await sql(`SELECT strong, way FROM session WHERE id = (SELECT max(id) FROM session)`)), [{ strong: 1, way: 'mail' }]);
    // The same code, seen over a shoulder.
    const thief = await byMail('totp@example.org');
    assert.equal((await thief.post('/sign-in/factor', { code })).status, 422);
    assert.equal((await thief.post('/sign-in/factor', { code: totp.generate({ timestamp: now }) })).status, 422);
    assert.equal((await thief.me()).signed_in, false);
    // Without the first factor there is nothing to answer; with another browser's neither.
    assert.equal((await new Client(p).post('/sign-in/factor', { code: later(totp, 2) })).headers.get('location'), `${p.url}/sign-in`);
    // A recovery code, once, however it is typed.
    assert.equal((await thief.post('/sign-in/factor', { code: codes[3].toUpperCase().replace('-', ' ') })).status, 303);
    assert.equal((await thief.me()).signed_in, true);
    const second = await byMail('totp@example.org');
    assert.equal((await second.post('/sign-in/factor', { code: codes[3] })).status, 422);
    // New codes take the place of the old ones.
    const renewed = await (await c.post('/account/factor/codes')).text();
    assert.equal([...renewed.matchAll(/<li>[a-z0-9]{5}-[a-z0-9]{5}<\/li>/g)].length, 10);
    assert.equal((await second.post('/sign-in/factor', { code: codes[4] })).status, 422);
    // Turned off, mail is enough again.
    assert.equal((await c.post('/account/factor/off')).headers.get('location'), `${p.url}/account?said=no-factor`);
    await p.stop(); // counts of mails begin anew
    await p.serve();
    assert.equal((await (await byMail('totp@example.org')).me()).signed_in, true);
  });

  test('is not guessed: after ten tries it takes minutes each', async () => {
    const c = await fresh('Guess Work', 'guess@example.org');
    await setUp(c);
    const thief = await byMail('guess@example.org');
    const answers = [];
    for (let i = 0; i < 14; i++) answers.push((await thief.post('/sign-in/factor', { code: String(100000 + i) })).status);
    assert.ok(answers.filter((s) => s === 422).length <= 11, answers.join());
    assert.equal(answers.at(-1), 429);
  });

  test('is set up only with a code that shows it arrived, and only for oneself', async () => {
    const a = await fresh('Alma One', 'alma@example.org'), b = await fresh('Bert Two', 'bert@example.org');
    const html = (await a.html('/account/factor')).replaceAll('&amp;', '&');
    const totp = OTPAuth.URI.parse(/href="(otpauth:[^"]+)"/.exec(html)[1]), sealed = field(html, 'sealed');
    const wrong = await a.post('/account/factor', { sealed, code: '123456' });
    assert.equal(wrong.status, 422);
    assert.ok((await wrong.text()).replaceAll('&amp;', '&').includes(totp.secret.base32)); // the same to scan
    assert.equal((await b.post('/account/factor', { sealed, code: totp.generate() })).status, 422);
    assert.equal((await a.post('/account/factor', { sealed: `${sealed.slice(0, -2)}AA`, code: totp.generate() })).status, 422);
    assert.deepEqual(await sql('SELECT id FROM reader WHERE totp IS NOT NULL AND address IN (\'alma@example.org\', \'bert@example.org\')'), []);
    await sql(`UPDATE session SET proven = 1`);
    assert.match((await a.get('/account/factor')).headers.get('location'), /\/account\/prove/);
  });
});

describe('staff', () => {
  test('come by invitation, accept it once, and set up a factor before the newsroom opens', async () => {
    await p.run('user', 'invite', 'ed@example.org', '--name', 'Ed Itor', '--role', 'editor');
    const mail = await letterTo(p, 'ed@example.org');
    const ed = new Client(p);
    assert.match(await (await ed.get(mail.link)).text(), /Ed Itor/);
    assert.deepEqual(await sql(`SELECT id FROM reader WHERE address = 'ed@example.org'`), []); // looking makes nothing
    const joined = await ed.post(mail.link, { name: 'Edwina Itor' });
    assert.equal(joined.headers.get('location'), `${p.url}/account/factor`);
    assert.deepEqual((await ed.me()).role, 'editor');
    assert.equal((await new Client(p).get(mail.link)).status, 410);
    const reader = await fresh('Was Called', 'called@example.org');
    await reader.post('/account/profile', { name: 'Is Called', about: '', language: '' });
    // The newsroom's pages: not without a factor, not for readers.
    assert.equal((await ed.get(`${reader.url}/names`)).headers.get('location'), `${p.url}/account/factor`);
    assert.match(await ed.html('/account/factor'), /Staff sign in with a passkey or a second factor/);
    assert.equal((await reader.get(`${reader.url}/names`)).status, 403);
    const { totp } = await setUp(ed);
    assert.match(await ed.html(`${reader.url}/names`), /Was Called/);
    assert.equal((await ed.post('/account/factor/off')).status, 422); // staff keep one
    const again = await byMail('ed@example.org');
    assert.match(again.where, /\/sign-in\/factor/);
    assert.equal((await again.post('/sign-in/factor', { code: later(totp, 1) })).status, 303);
    assert.equal((await again.get(`${reader.url}/names`)).status, 200);
    // Another role: signed out, and another table row.
    await p.run('user', 'role', 'ed@example.org', 'reporter');
    assert.equal((await again.me()).signed_in, false);
  });

  test('do not prove themselves by a password alone, nor lose the last thing that proves them', async () => {
    const c = await fresh('Pass Wordy', 'wordy@example.org');
    await c.post('/account/password', { password: 'nine quiet herons wading' });
    const { totp, codes } = await setUp(c);
    await sql("UPDATE session SET proven = 1 WHERE reader = (SELECT id FROM reader WHERE address = 'wordy@example.org')");
    const half = await c.post('/account/prove', { password: 'nine quiet herons wading', next: '/account/password' });
    assert.match(half.headers.get('location'), /\/sign-in\/factor/);
    assert.match((await c.get('/account/password')).headers.get('location'), /\/account\/prove/);
    assert.equal((await c.post('/sign-in/factor', { code: later(totp, 1) })).headers.get('location'), `${p.url}/account/password`);
    assert.equal((await c.get('/account/password')).status, 200);
    // One passkey, and nothing else: the only one stays.
    await p.run('user', 'role', 'wordy@example.org', 'editor');
    const again = await byMail('wordy@example.org');
    assert.equal((await again.post('/sign-in/factor', { code: codes[0] })).status, 303);
    await sql("INSERT INTO passkey (id, reader, credential, public_key, algorithm, sign_count, verified, transports, may_sync, synced, aaguid, name, made, used) "
      + "SELECT 7, id, x'01', x'02', -7, 0, 1, '', 0, 0, zeroblob(16), 'Key', 1, 1 FROM reader WHERE address = 'wordy@example.org'; "
      + "UPDATE reader SET totp = NULL WHERE address = 'wordy@example.org'");
    const key = /action="(\/account\/passkeys\/\w+\/remove)"/.exec(await again.html('/account'))[1];
    assert.equal((await again.post(key)).status, 403);
    assert.equal((await sql('SELECT count(*) AS n FROM passkey WHERE id = 7'))[0].n, 1);
  });

  test('are not made less by an older invitation', async () => {
    const c = await fresh('Ris En', 'risen@example.org');
    await p.run('user', 'invite', 'risen@example.org', '--name', 'Ris En', '--role', 'moderator');
    const { link } = await letterTo(p, 'risen@example.org', 2);
    await p.run('user', 'role', 'risen@example.org', 'owner');
    await c.post(link);
    assert.deepEqual(await sql("SELECT role FROM reader WHERE address = 'risen@example.org'"), [{ role: 'owner' }]);
  });

  test('who is a reader already keeps the account, and who lost everything is let in by the owner', async () => {
    const c = await fresh('Prom Oted', 'prom@example.org');
    await p.run('user', 'invite', 'prom@example.org', '--name', 'Whatever', '--role', 'moderator');
    const mail = await letterTo(p, 'prom@example.org', 2);
    await c.post(mail.link);
    assert.deepEqual(await sql(`SELECT name, role FROM reader WHERE address = 'prom@example.org'`), [{ name: 'Prom Oted', role: 'moderator' }]);
    await setUp(c);
    await p.run('user', 'reset', 'prom@example.org');
    assert.equal((await c.me()).signed_in, false);
    const back = await byMail('prom@example.org');
    assert.equal((await back.me()).role, 'moderator');
    assert.equal((await back.get(`${c.url}/names`)).headers.get('location'), `${p.url}/account/factor`);
  });

  test('are not invited as readers, nor by a bad address', async () => {
    for (const args of [['x@example.org', '--name', 'Ann', '--role', 'reader'], ['nowhere', '--name', 'Ann', '--role', 'editor'], ['x@example.org', '--name', 'Ann'], ['x@example.org', '--role', 'editor']])
      assert.notEqual((await p.cli(['user', 'invite', ...args])).code, 0, args.join(' '));
  });

  test('roles are one table', async () => {
    assert.match(await p.run('user', 'roles'), /publish, schedule, withdraw \| yes \| yes \|/);
  });
});
