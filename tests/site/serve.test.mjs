// serve.test.mjs: starting, stopping, taking over and holding out.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open as openFile, readFile, stat, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { binary, env, freePort, stet } from './lib.mjs';
import { newsroom } from './newsroom.mjs';

const wait = (ms) => new Promise((r) => setTimeout(r, ms));
// Once it is so, however slow the machine is today.
async function until(what, why) {
  for (let i = 0; !await what(); i++) {
    assert.ok(i < 3600, typeof why === 'function' ? why() : why);
    await wait(50);
  }
}

// Readers who ask again and again, half of them on kept connections, until `stop` is called. A request
// counts as begun once it has been sent; how each one ended is kept.
function load(p, readers, path = '/world/lamp') {
  const told = { done: 0, refused: 0, broken: [] };
  let on = true;
  const one = (agent) => new Promise((resolve) => {
    const q = request({ host: '127.0.0.1', port: p.port, path, agent }, (r) => {
      let n = 0;
      r.on('data', (d) => { n += d.length; });
      r.on('end', () => {
        if (r.statusCode === 200 && n === Number(r.headers['content-length'] ?? n) && n > 500) told.done++;
        else told.broken.push(`${r.statusCode} ${n}`);
        resolve(true);
      });
      r.on('error', (e) => { told.broken.push(`answer ${e.code}`); resolve(true); });
    });
    q.on('error', (e) => {
      if (e.code === 'ECONNREFUSED') told.refused++;
      // A kept connection that was closed while it was idle: a client sends that request again.
      else if (!(q.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(e.code))) told.broken.push(`${e.code} ${e.message}`);
      resolve(e.code !== 'ECONNREFUSED');
    });
    q.end();
  });
  const loops = Array.from({ length: readers }, async (_, i) => {
    const agent = i % 2 ? new Agent({ keepAlive: true, maxSockets: 1 }) : false;
    while (on && await one(agent)) await wait(0);
    if (agent) agent.destroy();
  });
  return { told, async stop() { on = false; await Promise.all(loops); return told; } };
}

function socket(p, text) {
  const s = connect(p.port, '127.0.0.1');
  s.on('error', () => {});
  if (text) s.write(text);
  return s;
}

// Sooner than an idle connection is closed, which is after a minute.
async function answers(p) {
  const r = await p.get('/world/lamp', { signal: AbortSignal.timeout(45_000) });
  await r.text();
  assert.equal(r.status, 200);
}

describe('serving', () => {
  let p;
  before(async () => { p = await newsroom(); });
  after(() => p.end());

  test('SIGTERM under load drops no request that was begun', async () => {
    await p.serve();
    const readers = load(p, 24);
    await until(() => readers.told.done > 200, () => `${readers.told.done} answered`);
    assert.equal(await p.stop('SIGTERM'), 0, p.log);
    const told = await readers.stop();
    assert.deepEqual(told.broken, []);
  });

  test('a request sent slowly when SIGTERM comes is still answered', async () => {
    await p.serve();
    const s = socket(p, 'GET /world/lamp HTTP/1.1\r\nHost: x\r\n');
    let got = '';
    s.on('data', (d) => { got += d; });
    await wait(300);
    const ended = p.stop('SIGTERM');
    await wait(100);
    s.write('Connection: close\r\n\r\n');
    await once(s, 'close');
    assert.match(got, /^HTTP\/1\.1 200/);
    assert.match(got, /<\/html>\s*$/);
    assert.equal(await ended, 0);
  });

  test('SIGINT ends it as well', async () => {
    await p.serve();
    assert.equal(await p.stop('SIGINT'), 0);
  });

  test('a second server of the same publication is refused, saying how to take over', async () => {
    await p.serve();
    const r = await p.cli(['serve', '--listen', `127.0.0.1:${await freePort()}`]);
    assert.equal(r.code, 5);
    assert.match(r.stderr, /--replace/);
    await answers(p);
  });

  test('an address somebody else has is named', async () => {
    const q = await newsroom();
    const r = await q.cli(['serve', '--listen', `127.0.0.1:${p.port}`], { timeout: 120_000 });
    assert.notEqual(r.code, 0);
    assert.match(r.stderr, new RegExp(`127\\.0\\.0\\.1:${p.port}`));
    await q.end();
  });

  test('--replace under load takes over without refusing a connection, twice', async () => {
    const readers = load(p, 16), more = async () => { const { done } = readers.told; await until(() => readers.told.done > done + 50, () => `${readers.told.done} after ${done}`); };
    await more();
    for (let i = 0; i < 2; i++) {
      const old = p.process, ended = p.ended;
      const next = spawn(binary, ['serve', '--replace', '--dir', p.folder], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      next.stdout.on('data', (d) => { p.log += d; });
      next.stderr.on('data', (d) => { p.log += d; });
      p.process = next;
      p.ended = once(next, 'exit');
      const [code] = await ended;
      assert.equal(code, 0, `the old one ends by itself: ${p.log}`);
      assert.notEqual(old.pid, next.pid);
      await more();
    }
    const told = await readers.stop();
    assert.equal(told.refused, 0);
    assert.deepEqual(told.broken, []);
    // The new one hears the newsroom.
    await p.run('story', 'edit', 'plain', '--headline', 'After the hand-over');
    assert.match(await p.text('/harbour/plain'), /After the hand-over/);
  });

  test('slow senders, those who never read and 2,000 idle connections leave it answering', async () => {
    const open = [];
    for (let i = 0; i < 2000; i++) {
      open.push(socket(p));
      if (i % 100 === 99) await wait(20);
    }
    await answers(p);
    const drips = Array.from({ length: 200 }, (_, i) => socket(p, `GET /world/lamp?${i} HTTP/1.1\r\nHost: x\r\nX-Slow: `));
    const timer = setInterval(() => drips.forEach((s) => s.write('a')), 200);
    const deaf = Array.from({ length: 100 }, () => {
      const s = socket(p, 'GET /world/lamp HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(100));
      s.pause();
      return s;
    });
    // Their time is up ten seconds after they began, however they trickle; until then it answers beside them.
    let beside = 0;
    drips.forEach((s) => s.resume());
    await until(async () => {
      await wait(150);
      await answers(p);
      beside += drips.every((s) => !s.destroyed);
      return drips.every((s) => s.destroyed);
    }, 'slow senders stay');
    assert.ok(beside > 0, 'while all of them were there');
    clearInterval(timer);
    await answers(p);
    for (const s of [...open, ...drips, ...deaf]) s.destroy();
    await wait(200);
    await answers(p);
  });

  test('nothing personal is in the log', async () => {
    await p.get('/world/lamp?mail=ann@example.org', { headers: { 'user-agent': 'Secret/1', cookie: 'who=ann' } });
    await p.stop();
    assert.doesNotMatch(p.log, /ann@|Secret\/1|who=ann|Sanitizer/);
    for (const line of p.log.trim().split('\n')) assert.ok(line.length < 400);
  });
});

describe('TLS', () => {
  let p, port;
  const certify = (name) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', `/CN=${name}`, '-keyout', join(p.folder, 'keys/certificate.key'), '-out', join(p.folder, 'keys/certificate.pem')], { stdio: 'ignore' });
  const seen = () => new Promise((resolve, reject) => {
    const s = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] }, () => {
      resolve({ name: s.getPeerCertificate().subject.CN, alpn: s.alpnProtocol, version: s.getProtocol() });
      s.destroy();
    });
    s.on('error', reject);
  });
  before(async () => {
    p = await newsroom();
    port = await freePort();
    const conf = join(p.folder, 'stet.conf');
    await writeFile(conf, `${await readFile(conf, 'utf8')}\nlisten_tls = 127.0.0.1:${port}\n`);
    certify('first');
    await p.serve();
  });
  after(() => p.end());

  test('speaks HTTP/2 over TLS 1.2 or better', async () => {
    const { alpn, version } = await seen();
    assert.equal(alpn, 'h2');
    assert.match(version, /^TLSv1\.[23]$/);
    const page = execFileSync('curl', ['-sk', '--http2', '-w', '\n%{http_version} %{http_code}', `https://127.0.0.1:${port}/world/lamp`], { encoding: 'utf8' });
    assert.match(page, /\n2 200$/);
    assert.match(page, /<\/html>/);
  });

  test('SIGHUP takes a new certificate, while connections go on', async () => {
    assert.equal((await seen()).name, 'first');
    certify('second');
    p.process.kill('SIGHUP');
    await until(async () => (await seen()).name === 'second', 'the new certificate is shown');
    await until(() => /read anew/.test(p.log), () => p.log); // a line comes by a pipe
  });

  test('a broken certificate leaves the old one in place and is told in the log', async () => {
    await writeFile(join(p.folder, 'keys/certificate.pem'), 'no certificate');
    p.process.kill('SIGHUP');
    await until(() => /certificate\.pem/.test(p.log), () => p.log);
    assert.equal((await seen()).name, 'second');
    await answers(p);
  });

  test('and a start with it is refused', async () => {
    await p.stop();
    const r = await p.cli(['serve']);
    assert.notEqual(r.code, 0);
    assert.match(r.stderr, /certificate\.pem/);
  });
});

describe('a damaged database', () => {
  test('is refused at the start, with the way to restore; a backup brings everything back', async (t) => {
    const p = await newsroom();
    t.after(() => p.end());
    const backup = join(p.base, 'b.tar'), file = join(p.folder, 'stet.db');
    await p.run('backup', backup);
    const { size } = await stat(file), f = await openFile(file, 'r+');
    await f.write(Buffer.alloc(4096, 0x5a), 0, 4096, 0);
    await f.write(Buffer.alloc(4096, 0x5a), 0, 4096, Math.floor(size / 8192) * 4096);
    await f.close();
    for (const args of [['serve'], ['story', 'list'], ['doctor']]) {
      const r = await p.cli(args);
      assert.equal(r.code, 8, `${args}: ${r.code} ${r.stderr}`);
      assert.match(r.stderr + r.stdout, /stet restore/, args.join(' '));
    }
    const q = join(p.base, 'again');
    assert.equal((await stet(['restore', backup, q])).code, 0);
    const list = await stet(['story', 'list', '--json', '--dir', q]);
    assert.ok(JSON.parse(list.stdout).length >= 4);
  });

  test('one page within is found by `doctor`, and does not bring the server down', async (t) => {
    const p = await newsroom();
    t.after(() => p.end());
    const file = join(p.folder, 'stet.db');
    const { size } = await stat(file), f = await openFile(file, 'r+');
    for (let at = 8; at < size / 4096; at += 3) await f.write(Buffer.alloc(2048, 0xff), 0, 2048, at * 4096);
    await f.close();
    const r = await p.cli(['doctor']);
    assert.equal(r.code, 8, r.stdout + r.stderr);
  });
});
