// live.mjs: 5,000 readers of one live blog: how long after its posting an entry is with them. `stet live post` writes
// beside the server; one process of C (bench/live/readers.c) holds all streams and reads the clock when an entry comes.
// Beside it, in the same run, the least server that could do it: write() to each client, from the same bytes.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { clockTicks, freePort, publication, root, sleep, status, stet, stop, words } from './lib.mjs';

const count = Number(process.env.BENCH_STREAMS || 5000);
const events = Number(process.env.BENCH_EVENTS || 8);
const program = join(root, 'build', 'bench', 'bench_readers');
const at = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];

// Opens the readers; `post` is called `events` times, a second apart; the delays, sorted.
async function measure(port, path, post) {
  const child = spawn(program, ['read', String(port), path, String(count), String(events)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const delays = [];
  let opened;
  const open = new Promise((r) => { opened = r; });
  createInterface({ input: child.stdout }).on('line', (l) => (l === 'open' ? opened() : delays.push(Number(l))));
  const ended = once(child, 'exit');
  await Promise.race([open, ended.then(() => { throw new Error('the readers ended'); })]);
  await sleep(1500);
  for (let i = 0; i < events; i++) {
    await post(i);
    await sleep(700);
  }
  await ended;
  return delays;
}

const folder = mkdtempSync(join(tmpdir(), 'stet-live-'));
const p = await publication(join(folder, 'pub'));
const file = join(folder, 'storm.md');
writeFileSync(file, '---\nheadline: Storm\nsection: news\nslug: storm\n---\nIt began.\n');
stet(['story', 'new', file, '--publish', '--dir', p.folder, '--quiet']);
stet(['live', 'start', 'storm', '--dir', p.folder, '--quiet']);
const size = 1400; // of an event with its key points
const rounds = 3;
const cpu = (pid) => {
  const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(f[11]) + Number(f[12])) * 1000 / clockTicks;
};
const all = { ours: [], least: [] }, spent = { ours: 0, least: 0 };
let resident = 0;
for (let round = 0; round < rounds; round++) { // in turns, so that what else the machine does meets both
  const server = await p.serve();
  let before;
  all.ours.push(...await measure(p.port, '/news/storm/events', (i) => {
    before ??= cpu(server.pid);
    stet(['live', 'post', 'storm', '--headline', `Entry ${round}, ${i}`, '--body', words(60, i + 1), '--dir', p.folder, '--quiet']);
  }));
  spent.ours += cpu(server.pid) - before;
  resident = Math.max(resident, status(server.pid, 'VmRSS'));
  await stop(server);

  const port = await freePort();
  const least = spawn(program, ['serve', String(port)], { stdio: ['pipe', 'ignore', 'inherit'] });
  await sleep(300);
  before = undefined;
  all.least.push(...await measure(port, '/', () => {
    before ??= cpu(least.pid);
    least.stdin.write(`${size}\n`);
  }));
  spent.least += cpu(least.pid) - before;
  await stop(least);
}
rmSync(folder, { recursive: true });

const row = (what, d, ms) => {
  d.sort((a, b) => a - b);
  console.log(`| ${what} | ${d.length} | ${at(d, 0.5).toFixed(1)} | ${at(d, 0.95).toFixed(1)} | ${at(d, 0.99).toFixed(1)} | ${d.at(-1).toFixed(1)} | ${(ms / rounds / events).toFixed(1)} |`);
};
console.log(`${count} readers, ${rounds} rounds of ${events} entries of ${size} bytes; load of the machine ${execFileSync('cut', ['-d ', '-f1', '/proc/loadavg'], { encoding: 'utf8' }).trim()}; server's memory ${(resident / 1024).toFixed(0)} MB\n`);
console.log('| server | deliveries | median ms | p95 ms | p99 ms | last ms | ms CPU of the server an entry |');
console.log('|---|---:|---:|---:|---:|---:|---:|');
row('stet serve', all.ours, spent.ours);
row('the least server', all.least, spent.least);
