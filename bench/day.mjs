// day.mjs: a newspaper's day: readers ask for pages with a Zipf spread (a few stories are read by most), and once
// a minute something is published. How many pages come from the cache, how many pages one publication drops, and
// how often a dropped front page is made when two hundred ask for it at once. The figures are the server's own
// (`stet status`).
//
// BENCH_STORIES stories; BENCH_MINUTES of the day are played, BENCH_READS reads in each, as fast as they go, on a server that
// has run for days: every page was read once before. BENCH_CACHE_MB: the cache, where it is not the default.
import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpus, dice, sections, zipf } from './corpus.mjs';
import { freePort, root, sleep, stet, stop } from './lib.mjs';

const count = Number(process.env.BENCH_STORIES || 10000);
const minutes = Number(process.env.BENCH_MINUTES || 60);
const reads = Number(process.env.BENCH_READS || 3000);

const work = mkdtempSync(join(tmpdir(), 'stet-day-'));
const { folder: kept, paths } = corpus(count);
const folder = join(work, 'pub');
cpSync(kept, folder, { recursive: true });
if (process.env.BENCH_CACHE_MB) appendFileSync(join(folder, 'stet.conf'), `\ncache_mb = ${process.env.BENCH_CACHE_MB}\n`);
const port = await freePort();
const server = spawn(process.env.STET || join(root, 'build', 'src', 'stet'), ['serve', '--dir', folder, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' });
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const ask = (path) => new Promise((resolve, reject) => {
  get({ port, host: '127.0.0.1', path, agent, headers: { 'accept-encoding': 'br' } }, (res) => {
    res.resume();
    res.on('end', () => resolve(res.statusCode));
  }).on('error', reject);
});
for (let i = 0; i < 400; i++) {
  try {
    await ask('/robots.txt');
    break;
  } catch {
    await sleep(20);
  }
}
const status = () => JSON.parse(stet(['status', '--json', '--dir', folder]));

// Newest stories are read most: rank 0 is the newest. One read in five is a front.
const d = dice(42), rank = zipf(count);
const published = [];
const choose = () => {
  const roll = d.next();
  if (roll < 0.15) return '/';
  if (roll < 0.2) return `/${sections[d.below(sections.length)]}`;
  const r = rank(d);
  return r < published.length ? published[published.length - 1 - r] : paths[paths.length - 1 - (r - published.length)];
};
async function minute() {
  for (let left = reads; left > 0; left -= 64)
    await Promise.all(Array.from({ length: Math.min(64, left) }, async () => {
      const path = choose(), code = await ask(path);
      if (code !== 200) throw new Error(`${path}: ${code}`);
    }));
}
function publish(i) {
  const file = join(work, 'new.md');
  writeFileSync(file, `---\nheadline: New ${i}\nslug: new-${i}\nsection: ${sections[i % 5]}\nauthors: [author-${i % 40}]\ntags: [tag-${i % 500}]\n---\nNews of minute ${i}.\n`);
  stet(['story', 'new', file, '--publish', '--dir', folder]);
  published.push(`/${sections[i % 5]}/new-${i}`);
}

for (let i = 0; i < paths.length; i += 64) await Promise.all(paths.slice(i, i + 64).map(ask)); // the cache as a running server has it
for (let i = 0; i < 5; i++) await minute();
const before = status();
for (let i = 0; i < minutes; i++) {
  publish(i);
  await minute();
}
const after = status();
const hits = after.hits - before.hits, misses = after.misses - before.misses;

// A stampede: the front page is dropped, and two hundred ask at once.
publish(minutes);
const calm = status();
const crowd = new Agent({ maxSockets: 200 });
await Promise.all(Array.from({ length: 200 }, () => new Promise((resolve, reject) => {
  get({ port, host: '127.0.0.1', path: '/', agent: crowd }, (res) => { res.resume(); res.on('end', resolve); }).on('error', reject);
})));
const rush = status();

console.log(`${count} stories, ${minutes} minutes of a day, ${reads} reads and one publication a minute.\n`);
console.log('| what | measured | goal |');
console.log('|---|---:|---:|');
console.log(`| pages from the cache | ${(100 * hits / (hits + misses)).toFixed(2)} % of ${hits + misses} | > 99 % |`);
console.log(`| pages dropped by a publication | ${((after.dropped - before.dropped) / minutes).toFixed(1)} of ${after.pages} | only those it touches |`);
console.log(`| the front page made for 200 who ask at once | ${rush.misses - calm.misses} time${rush.misses - calm.misses === 1 ? '' : 's'} | once |`);
agent.destroy();
crowd.destroy();
await stop(server);
rmSync(work, { recursive: true, force: true });
