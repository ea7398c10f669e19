// accounts.mjs: what accounts cost those who only read. Ratios within one run:
//   p99 of a cached page while 50 readers a second sign in by password, beside the same without them;
//   CPU of a cached page for a request with a session's cookies, beside one without;
//   the time of a refused sign-in for a known and an unknown address, as two distributions;
//   finding one of BENCH_ACCOUNTS (a million) accounts by its address.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, root, sleep, stet, stop } from './lib.mjs';

const accounts = Number(process.env.BENCH_ACCOUNTS || 1_000_000);
const seconds = Number(process.env.BENCH_SECONDS || 15);
const people = 20, password = 'correct horse battery staple';

const work = mkdtempSync(join(tmpdir(), 'stet-accounts-'));
const folder = join(work, 'pub');
const port = await freePort();
const program = process.env.STET || join(root, 'build', 'src', 'stet');
stet(['init', folder, '--name', 'The Bench', '--listen', `127.0.0.1:${port}`, '--url', `http://localhost:${port}`, '--smtp', 'outbox']);
appendFileSync(join(folder, 'stet.conf'), '\ntrusted_proxies = 127.0.0.0/8\n');
for (let i = 0; i < people; i++) {
  stet(['user', 'add', `reader${i}@example.org`, '--name', `Reader ${'abcdefghijklmnopqrstuvwxyz'[i]}`, '--dir', folder]);
  const set = spawnSync(program, ['user', 'password', `reader${i}@example.org`, '--dir', folder], { input: `${password}\n` });
  if (set.status) throw new Error(String(set.stderr));
}
const server = spawn(program, ['serve', '--dir', folder], { stdio: 'ignore' });

const pages = new Agent({ keepAlive: true, maxSockets: 8 }), doors = new Agent({ keepAlive: true, maxSockets: 64 });
function ask(path, { agent = pages, method = 'GET', headers = {}, form } = {}) {
  const body = form ? new URLSearchParams(form).toString() : undefined;
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const r = request({ host: '127.0.0.1', port, path, agent, method, headers: { ...headers,
      ...(body ? { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body), 'sec-fetch-site': 'same-origin' } : {}) } }, (res) => {
      res.resume();
      res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, ms: performance.now() - began }));
    });
    r.on('error', reject);
    r.end(body);
  });
}
for (let i = 0; i < 400; i++) {
  try { await ask('/robots.txt'); break; } catch { await sleep(20); }
}
let nets = 0;
const signIn = (address, word = password) => ask('/sign-in', { agent: doors, method: 'POST',
  headers: { 'x-forwarded-for': `10.${nets >> 16}.${(nets >> 8) & 255}.${nets++ & 255}` }, form: { address, password: word, script: '1' } });
const quantile = (v, q) => [...v].sort((a, b) => a - b)[Math.min(v.length - 1, Math.floor(v.length * q))];

// --- pages while others sign in
async function readPages(ms) {
  const until = performance.now() + ms, times = [];
  await Promise.all(Array.from({ length: 4 }, async () => {
    while (performance.now() < until) {
      times.push((await ask('/')).ms);
      await sleep(2);
    }
  }));
  return times;
}
await readPages(2000);
const quiet = await readPages(seconds * 1000);
let begun = 0, done = 0, busy = 0;
const timer = setInterval(() => {
  begun++;
  signIn(`reader${begun % people}@example.org`).then((r) => { if (r.status === 303) done++; else busy++; });
}, 20);
const loaded = await readPages(seconds * 1000);
clearInterval(timer);
const p99 = [quantile(quiet, 0.99), quantile(loaded, 0.99)];
console.log(`sign-ins: ${(begun / seconds).toFixed(0)} a second begun, ${done} in, ${busy} told to come again`);
console.log(`cached page, p99: ${p99[0].toFixed(2)} ms alone, ${p99[1].toFixed(2)} ms beside sign-ins: x ${(p99[1] / p99[0]).toFixed(2)} (goal: at most 2)`);

// --- a page with cookies
await sleep(1500);
const session = (await signIn('reader0@example.org')).headers['set-cookie'].map((c) => c.split(';')[0]).join('; ');
const cpu = () => {
  const f = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(f[11]) + Number(f[12]);
};
async function cost(headers, n = 20000) {
  const before = cpu();
  for (let i = 0; i < n; i += 8) await Promise.all(Array.from({ length: 8 }, () => ask('/', { headers })));
  return (cpu() - before) * 10_000 / n; // clock ticks of 10 ms, as microseconds
}
await cost({}, 4000);
const plain = [], signed = [];
for (let i = 0; i < 3; i++) {
  plain.push(await cost({}));
  signed.push(await cost({ cookie: session }));
}
const [a, b] = [quantile(plain, 0.5), quantile(signed, 0.5)];
console.log(`CPU of a cached page: ${a.toFixed(1)} us without cookies, ${b.toFixed(1)} us signed in: x ${(b / a).toFixed(2)} (goal: at most 1.5)`);

// --- known and unknown addresses
const known = [], unknown = [];
for (let i = 0; i < 150; i++) {
  known.push((await signIn(`reader${i % people}@example.org`, 'wrong words every time')).ms);
  unknown.push((await signIn(`nobody${i}@example.org`, 'wrong words every time')).ms);
}
let higher = 0;
for (const x of known) for (const y of unknown) higher += x > y ? 1 : x === y ? 0.5 : 0;
console.log(`refused sign-in: median ${quantile(known, 0.5).toFixed(1)} ms with an account, ${quantile(unknown, 0.5).toFixed(1)} ms without; `
  + `one with is the slower in ${(100 * higher / known.length / unknown.length).toFixed(1)} % of pairs (50: they cannot be told apart)`);
await stop(server);

// --- very many accounts
const db = join(folder, 'stet.db');
execFileSync('sqlite3', [db, `PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${accounts})
  INSERT INTO reader (id, address, address_key, confirmed, name, name_key, name_look, handle, made, seen)
  SELECT 1000 + i, 'm' || i || '@many.example', 'm' || i || '@many.example', 1, 'Many ' || i, 'many' || i, 'many' || i, randomblob(32), 1, 1 FROM n;`]);
const asked = Array.from({ length: 5000 }, () => `SELECT id, password FROM reader WHERE address_key = 'm${1 + Math.floor(Math.random() * accounts)}@many.example';`).join('\n');
const empty = Array.from({ length: 5000 }, () => 'SELECT 1, 2;').join('\n');
const time = (sql) => {
  const began = performance.now();
  execFileSync('sqlite3', [db], { input: sql });
  return performance.now() - began;
};
time(empty);
const per = (time(asked) - time(empty)) / 5000;
console.log(`one of ${accounts.toLocaleString('en')} accounts by its address: ${(per * 1000).toFixed(0)} us, cold and warm mixed (goal: under 1 ms)`);
rmSync(work, { recursive: true, force: true });
