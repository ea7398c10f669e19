// upload.test.mjs: large files over the network: the protocol's own client, a server that is killed, a
// disk that is full, and requests that break every rule.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as tus from 'tus-js-client';
import { Publication, binary, env } from './lib.mjs';

let p, token;
const MB = 1 << 20;
// A file of no kind that is known: served as it came.
const bytes = (n) => Buffer.concat([Buffer.from([0, 1, 2, 3]), randomBytes(n - 4)]);
const hash = (b) => createHash('sha256').update(b).digest('hex').slice(0, 32);
const base64 = (s) => Buffer.from(s).toString('base64');

const send = (method, path, { headers = {}, body, as = token } = {}) => fetch(new URL(path, p.url), {
  method, body, headers: { 'tus-resumable': '1.0.0', ...(as ? { authorization: `Bearer ${as}` } : {}), ...headers },
});
const begin = async (length, metadata = '') => {
  const r = await send('POST', '/upload', { headers: { 'upload-length': String(length), ...(metadata ? { 'upload-metadata': metadata } : {}) } });
  assert.equal(r.status, 201, await r.text());
  return r.headers.get('location');
};
const patch = (path, offset, body, headers = {}, as = token) => send('PATCH', path, { body, as,
  headers: { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream', ...headers } });
const offset = async (path) => {
  const r = await send('HEAD', path);
  return r.status === 200 ? Number(r.headers.get('upload-offset')) : r.status;
};

before(async () => {
  p = await Publication.make({ conf: 'upload_mb = 64\n' });
  ({ token } = await p.json('token', 'add', 'video desk'));
  await p.serve();
});

after(async () => { await p?.end(); });

describe('the protocol\'s own client', () => {
  const upload = (file, more = {}) => new Promise((resolve, reject) => {
    const u = new tus.Upload(file, { endpoint: `${p.url}/upload`, headers: { Authorization: `Bearer ${token}` },
      metadata: { filename: 'lamp & co.bin', credit: 'Zoë' }, retryDelays: [100, 500, 1000, 2000, 4000, 8000, 8000],
      onSuccess: () => resolve(u), onError: reject, ...more });
    more.begun?.(u);
    u.start();
  });

  test('sends a file at once', async () => {
    const file = bytes(3 * MB);
    await upload(file);
    const m = await p.json('media', 'show', hash(file));
    assert.deepEqual([m.bytes, m.name, m.credit, m.kind], [file.length, 'lamp & co.bin', 'Zoë', 'file']);
    const r = await p.get(m.url);
    assert.deepEqual(Buffer.from(await r.arrayBuffer()), file);
  });

  test('sends a file in pieces', async () => {
    const file = bytes(2 * MB + 1);
    await upload(file, { chunkSize: 512 * 1024 });
    assert.equal((await p.json('media', 'show', hash(file))).bytes, file.length);
  });

  test('goes on where it was when the server is killed in the middle', async () => {
    const file = bytes(24 * MB);
    let killed = 0, from = -1;
    await upload(file, {
      chunkSize: 4 * MB,
      onChunkComplete: (size, accepted) => {
        if (killed) { if (from < 0) from = accepted - size; return; }
        if (accepted < 8 * MB) return;
        killed = accepted;
        p.process.kill('SIGKILL');
        p.ended.then(() => p.serve());
      },
    });
    assert.ok(killed && from >= killed, `${from} is not behind ${killed}`);
    assert.equal((await p.json('media', 'show', hash(file))).bytes, file.length);
  });

  test('gives an upload up', async () => {
    let u;
    const file = bytes(2 * MB);
    await new Promise((resolve, reject) => {
      upload(file, { begun: (x) => { u = x; }, chunkSize: MB, onChunkComplete: () => resolve(u.abort(true)) }).catch(reject);
    });
    assert.equal((await send('HEAD', u.url)).status, 404);
  });
});

describe('bytes', () => {
  test('that came before the line broke are kept', async () => {
    const file = bytes(MB), path = await begin(file.length);
    const r = request(new URL(path, p.url), { method: 'PATCH', headers: { 'tus-resumable': '1.0.0', authorization: `Bearer ${token}`,
      'upload-offset': '0', 'content-type': 'application/offset+octet-stream', 'content-length': String(file.length) } });
    r.on('error', () => {});
    await new Promise((done) => { r.write(file.subarray(0, MB / 2), done); });
    const name = join(p.folder, 'media', '.partial', `${path.split('/').pop()}.upload`);
    while ((await stat(name)).size < MB / 2) await new Promise((go) => setTimeout(go, 20));
    const meanwhile = await patch(path, MB / 2, file.subarray(MB / 2));
    assert.equal(meanwhile.status, 423, 'two at once');
    r.destroy();
    let at;
    while ((at = await offset(path)) === 423) await new Promise((go) => setTimeout(go, 20));
    assert.equal(at, MB / 2);
    const done = await patch(path, at, file.subarray(at));
    assert.equal(done.status, 204, await done.text());
    assert.equal(done.headers.get('stet-media'), `/media/${hash(file)}`);
    assert.equal(await offset(path), file.length, 'also afterwards');
  });

  test('are held against their checksum', async () => {
    const file = bytes(1000), path = await begin(file.length), digest = (a, b) => `${a} ${createHash(a).update(b).digest('base64')}`;
    const bad = await patch(path, 0, file.subarray(0, 500), { 'upload-checksum': digest('sha1', file.subarray(0, 499)) });
    assert.equal(bad.status, 460);
    assert.equal(await offset(path), 0);
    assert.equal((await patch(path, 0, file.subarray(0, 500), { 'upload-checksum': 'md4 AAAA' })).status, 400);
    assert.equal((await patch(path, 0, file.subarray(0, 500), { 'upload-checksum': digest('sha1', file.subarray(0, 500)) })).status, 204);
    assert.equal((await patch(path, 500, file.subarray(500), { 'upload-checksum': digest('sha256', file.subarray(500)) })).status, 204);
    assert.equal((await p.json('media', 'show', hash(file))).bytes, 1000);
  });

  test('count from the right place, and no more than were said', async () => {
    const path = await begin(10);
    assert.equal((await patch(path, 5, 'x')).status, 409);
    assert.equal((await patch(path, 0, 'x'.repeat(11))).status, 413);
    assert.equal((await patch(path, 0, 'x', { 'content-type': 'text/plain' })).status, 415);
    assert.equal((await patch(path, 'x', 'x')).status, 400);
    assert.equal((await patch(path, 0, '12345')).status, 204);
    assert.equal((await patch(path, 0, '12345')).status, 409);
    assert.equal(await offset(path), 5);
    assert.equal((await send('DELETE', path)).status, 204);
    assert.equal(await offset(path), 404);
    assert.equal((await patch(path, 5, '12345')).status, 404);
  });
});

describe('what is refused', () => {
  test('without a token, with a wrong one, with one that was revoked', async () => {
    const path = await begin(10);
    for (const as of ['', 'stet_x', token.slice(0, -1), 'x']) {
      assert.equal((await send('POST', '/upload', { as, headers: { 'upload-length': '10' } })).status, 401);
      assert.equal((await patch(path, 0, '1234567890', {}, as)).status, 403);
      assert.equal((await send('HEAD', path, { as })).status, 401);
      assert.equal((await send('DELETE', path, { as })).status, 401);
    }
    const other = (await p.json('token', 'add', 'night desk')).token;
    assert.equal((await patch(path, 0, '1234567890', {}, other)).status, 403, 'another\'s upload');
    assert.equal(await offset(path), 0);
    await p.run('token', 'revoke', 'night desk');
    assert.equal((await send('POST', '/upload', { as: other, headers: { 'upload-length': '10' } })).status, 401);
    assert.equal((await p.cli(['token', 'revoke', 'night desk'])).code, 4);
    const listed = await p.json('token', 'list');
    assert.deepEqual(listed, [{ name: 'video desk', revoked: false }, { name: 'night desk', revoked: true }]);
    for (const f of ['stet.db', 'stet.db-wal']) {
      const db = await readFile(join(p.folder, f)).catch(() => Buffer.alloc(0));
      assert.ok(!db.includes(token) && !db.includes(other), `no secret is in ${f}`);
    }
  });

  test('from another site\'s page', async () => {
    const length = { 'upload-length': '10' };
    assert.equal((await send('POST', '/upload', { headers: { ...length, origin: 'https://evil.example' } })).status, 403);
    assert.equal((await send('POST', '/upload', { headers: { ...length, origin: p.url } })).status, 201);
  });

  test('too large, empty, of another version, or no picture though it says so', async () => {
    assert.equal((await send('POST', '/upload', { headers: { 'upload-length': String(65 * MB) } })).status, 413);
    for (const n of ['0', '-1', 'x', '']) assert.equal((await send('POST', '/upload', { headers: { 'upload-length': n } })).status, 400);
    const old = await send('POST', '/upload', { headers: { 'tus-resumable': '0.2.2', 'upload-length': '1' } });
    assert.equal(old.status, 412);
    assert.equal(old.headers.get('tus-version'), '1.0.0');
    const path = await begin(10, `filename ${base64('x.jpg')}`);
    const r = await patch(path, 0, '1234567890');
    assert.equal(r.status, 400);
    assert.match(await r.text(), /no picture/);
    assert.equal(await offset(path), 404);
  });

  test('paths that lead elsewhere', async () => {
    for (const id of ['..%2f..%2fstet', 'x', 'ffffffffffffffffffffffffffffffff', '../stet.conf'])
      assert.ok([400, 403, 404, 405].includes((await patch(`/upload/${id}`, 0, 'x')).status), id);
  });

  test('what can be done is told', async () => {
    const r = await fetch(`${p.url}/upload`, { method: 'OPTIONS' });
    assert.equal(r.status, 204);
    assert.equal(r.headers.get('tus-resumable'), '1.0.0');
    assert.equal(r.headers.get('tus-max-size'), String(64 * MB));
    assert.match(r.headers.get('tus-extension'), /creation.*termination.*checksum/);
  });
});

test('a full disk is told, and what came before is kept', async () => {
  const file = bytes(3 * MB), path = await begin(file.length);
  await p.stop();
  // A limit on file sizes is as good as a disk that ends there.
  p.process = spawn('prlimit', [`--fsize=${MB}`, binary, 'serve', '--dir', p.folder], { env, stdio: 'ignore' });
  p.ended = once(p.process, 'exit');
  while (!await p.get('/robots.txt').catch(() => null)) await new Promise((go) => setTimeout(go, 50));
  const full = await patch(path, 0, file.subarray(0, 2 * MB)).catch(() => ({ status: 'cut' }));
  assert.ok([507, 'cut'].includes(full.status), String(full.status));
  let at;
  while ((at = await offset(path)) === 423) await new Promise((go) => setTimeout(go, 20));
  assert.equal(at, MB);
  await p.stop();
  await p.serve();
  assert.equal((await patch(path, at, file.subarray(at))).status, 204);
  assert.equal((await p.json('media', 'show', hash(file))).bytes, file.length);
});

test('nothing is left lying about', async () => {
  const left = await readdir(join(p.folder, 'media', '.partial'));
  assert.deepEqual(left.filter((f) => f.endsWith('.add') || f.endsWith('.unproven')), []);
  assert.equal((await p.cli(['media', 'check'])).code, 0);
});
