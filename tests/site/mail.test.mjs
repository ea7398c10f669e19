// mail.test.mjs: letters as a real mail server receives them, read by another's parser; and mail servers that
// are down, slow, strict or rude.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { rows } from './db.mjs';
import { Publication, freePort, plainly } from './lib.mjs';
import { Client } from './readers.mjs';

const folder = mkdtempSync(join(tmpdir(), 'stet-mail-'));
after(() => rmSync(folder, { recursive: true, force: true }));
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
  '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', join(folder, 'key.pem'),
  '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
const tls = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) };

// A mail server; `got` fills with { to, bytes, user, secure }.
async function mailServer(options = {}, port = 0) {
  const got = [];
  const server = new SMTPServer({
    ...tls, authOptional: true, logger: false,
    onAuth(auth, session, done) {
      if (auth.username === 'desk' && auth.password === 'letmein') return done(null, { user: 'desk' });
      return done(new Error('no'));
    },
    onData(stream, session, done) {
      const chunks = [];
      stream.on('data', (d) => chunks.push(d));
      stream.on('end', () => {
        got.push({ to: session.envelope.rcptTo.map((r) => r.address), from: session.envelope.mailFrom.address,
          bytes: Buffer.concat(chunks), user: session.user, secure: session.secure });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  return { got, port: server.server.address().port, close: () => new Promise((r) => { server.close(r); }) };
}

async function publication(conf, name = 'The Averil Courier') {
  const p = await Publication.make({ host: 'localhost', name, conf: `\n${conf}\ntrusted_proxies = 127.0.0.0/8, ::1\n` });
  return p.serve();
}

async function until(what, tell = () => '') {
  for (const end = Date.now() + 180_000; Date.now() < end;) {
    if (await what()) return;
    await new Promise((r) => setTimeout(r, 50));
  }
  assert.fail(`it did not happen: ${tell()}`);
}

// A letter was tried to be sent, and failed.
const failed = (p) => until(() => rows(p, "SELECT count(*) AS n FROM job WHERE error != ''")[0].n, () => p.log);

const ask = (p, name, address) => new Client(p).post('/register', { name, address, way: 'mail' });

describe('a letter', () => {
  let p, mail;
  before(async () => {
    mail = await mailServer({ authOptional: false });
    p = await publication(`smtp = smtp://127.0.0.1:${mail.port}\nsmtp_user = desk\nsmtp_authorities = cert.pem\nmail_from = desk@courier.example`,
      'Le Courrier d’Averil « été »');
    execFileSync('sh', ['-c', `printf 'letmein\\n' > keys/smtp.password; cp ${folder}/cert.pem .`], { cwd: p.folder });
  });
  after(async () => {
    await p?.end();
    await mail?.close();
  });

  test('arrives over TLS, signed in, as text and HTML that say the same', async () => {
    assert.equal((await ask(p, 'Zoë Çelik', 'zoe@example.org')).status, 303);
    await until(() => mail.got.length === 1, () => p.log);
    const [one] = mail.got;
    assert.equal(one.user, 'desk');
    assert.equal(one.secure, true);
    assert.deepEqual(one.to, ['zoe@example.org']);
    assert.equal(one.from, 'desk@courier.example');
    const m = await PostalMime.parse(one.bytes);
    assert.equal(m.from.address, 'desk@courier.example');
    assert.equal(m.from.name, 'Le Courrier d’Averil « été »');
    assert.equal(m.to[0].address, 'zoe@example.org');
    assert.equal(m.subject, 'Confirm your address for Le Courrier d’Averil « été »');
    assert.ok(Math.abs(new Date(m.date) - Date.now()) < 600_000, m.date);
    assert.match(m.messageId, /^<\w+@localhost>$/);
    assert.match(m.text, /Welcome, Zoë Çelik\./);
    const link = /http:\S+\/mail\/\S+/.exec(m.text)[0];
    assert.ok(plainly(m.html).includes(link));
    assert.ok(m.html.includes('Zoë Çelik'));
    const code = /\d{4} \d{4}/.exec(m.text)[0];
    assert.ok(m.html.includes(code));
    const header = (k) => m.headers.find((h) => h.key === k)?.value;
    assert.equal(header('auto-submitted'), 'auto-generated');
    assert.equal(header('content-language'), 'en');
    for (const line of one.bytes.toString('latin1').split('\r\n')) {
      assert.ok(line.length <= 78, line);
      assert.match(line, /^[\x09\x20-\x7e]*$/);
    }
    assert.doesNotMatch(m.html, /<img|<script|https?:\/\/(?!localhost)/);
  });

  test('a name cannot bring markup or another header into it', async () => {
    await ask(p, "O'Brien-Smith", 'ob@example.org');
    await until(() => mail.got.some((g) => g.to[0] === 'ob@example.org'), () => p.log);
    const m = await PostalMime.parse(mail.got.at(-1).bytes);
    assert.match(m.text, /O'Brien-Smith/);
    assert.equal(m.cc, undefined);
    assert.equal(m.bcc, undefined);
  });
});

describe('a mail server', () => {
  test('that is down gets the letter once it is up, and nobody waits for it', async () => {
    const port = await freePort();
    const p = await publication(`smtp = smtp://127.0.0.1:${port}\nsmtp_authorities = cert.pem`);
    execFileSync('cp', [join(folder, 'cert.pem'), p.folder]);
    assert.equal((await ask(p, 'Ada Quill', 'ada@example.org')).status, 303);
    await failed(p);
    const mail = await mailServer({}, port);
    await until(() => mail.got.length === 1, () => p.log);
    await p.end();
    await mail.close();
  });

  test('that says "later" is asked again; one that says "never" is not, and holds nobody else up', async () => {
    let later = 0, never = 0;
    const mail = await mailServer({
      onRcptTo({ address }, session, done) {
        if (address === 'grey@example.org' && later++ === 0) return done(Object.assign(new Error('later'), { responseCode: 451 }));
        if (address === 'gone@example.org') { never++; return done(Object.assign(new Error('gone@example.org is unknown'), { responseCode: 550 })); }
        return done();
      },
    });
    const p = await publication(`smtp = smtp://127.0.0.1:${mail.port}\nsmtp_authorities = cert.pem`);
    execFileSync('cp', [join(folder, 'cert.pem'), p.folder]);
    await ask(p, 'Gone One', 'gone@example.org');
    await ask(p, 'Grey One', 'grey@example.org');
    await ask(p, 'Fine One', 'fine@example.org');
    await until(() => mail.got.length === 2, () => p.log);
    assert.deepEqual(mail.got.map((g) => g.to[0]).sort(), ['fine@example.org', 'grey@example.org']);
    assert.equal(later, 2);
    await until(() => /refused for good/.test(p.log), () => p.log);
    assert.equal(never, 1);
    assert.doesNotMatch(p.log, /gone@example\.org/, 'no address in a log');
    await p.end();
    await mail.close();
  });

  test('that first wants us to sign in gets the letter later, since that is ours to mend', async () => {
    let refused = 0;
    const mail = await mailServer({
      onMailFrom(address, session, done) {
        if (refused++ === 0) return done(Object.assign(new Error('sign in first'), { responseCode: 530 }));
        return done();
      },
    });
    const p = await publication(`smtp = smtp://127.0.0.1:${mail.port}\nsmtp_authorities = cert.pem`);
    execFileSync('cp', [join(folder, 'cert.pem'), p.folder]);
    await ask(p, 'Ada Quill', 'ada@example.org');
    await until(() => mail.got.length === 1, () => p.log);
    assert.doesNotMatch(p.log, /refused for good/);
    await p.end();
    await mail.close();
  });

  test('that is slow delays letters, not pages', async () => {
    let goOn;
    const waits = new Promise((r) => { goOn = r; });
    const mail = await mailServer({ onMailFrom(address, session, done) { waits.then(() => done()); } });
    const p = await publication(`smtp = smtp://127.0.0.1:${mail.port}\nsmtp_authorities = cert.pem`);
    execFileSync('cp', [join(folder, 'cert.pem'), p.folder]);
    const sent = await ask(p, 'Ada Quill', 'ada@example.org');
    assert.equal(sent.status, 303);
    assert.equal((await p.get('/')).status, 200);
    assert.equal(mail.got.length, 0);
    goOn();
    await until(() => mail.got.length === 1, () => p.log);
    await p.end();
    await mail.close();
  });

  test('with a certificate that nobody vouches for gets no letter and no password', async () => {
    let auths = 0;
    const mail = await mailServer({ authOptional: false, onAuth(a, s, done) { auths++; done(new Error('no')); } });
    const p = await publication(`smtp = smtp://localhost:${mail.port}\nsmtp_user = desk`);
    execFileSync('sh', ['-c', "printf 'letmein\\n' > keys/smtp.password"], { cwd: p.folder });
    await ask(p, 'Ada Quill', 'ada@example.org');
    await failed(p);
    assert.equal(auths, 0);
    assert.equal(mail.got.length, 0);
    await p.end();
    await mail.close();
  });

  test('that is not named at all is said at the form', async () => {
    const p = await publication('');
    const r = await ask(p, 'Ada Quill', 'ada@example.org');
    assert.equal(r.status, 422);
    assert.match(await r.text(), /mail/);
    assert.equal((await p.get('/dev/mail')).status, 404);
    await p.end();
  });
});
