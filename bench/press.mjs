// press.mjs: how the press grows: publications of 1,000, 10,000 and 100,000 stories (BENCH_SIZES), each served by
// itself: the front page, a section, a story and a search made anew, the start, the memory. Times are medians at one
// client that asks one after another, wall clock, since that is what a reader waits; "made anew" is
// `serve --dev` with an empty theme folder, which keeps no page. Then a live blog of two thousand entries beside
// an ordinary story of the same publication.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpus, dice, vocabulary } from './corpus.mjs';
import { freePort, median, root, sleep, status, stet, stop } from './lib.mjs';

const sizes = (process.env.BENCH_SIZES || '1000,10000,100000').split(',').map(Number);
const binary = process.env.STET || join(root, 'build', 'src', 'stet');
const work = mkdtempSync(join(tmpdir(), 'stet-press-'));
mkdirSync(join(work, 'no-theme'));

function client(port) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (path) => new Promise((resolve, reject) => {
    const begin = process.hrtime.bigint();
    get({ port, host: '127.0.0.1', path, agent, headers: { 'accept-encoding': 'br' } }, (res) => {
      let bytes = 0;
      res.on('data', (part) => { bytes += part.length; });
      res.on('end', () => resolve({ status: res.statusCode, bytes, ms: Number(process.hrtime.bigint() - begin) / 1e6 }));
    }).on('error', reject);
  });
  return { ask, end: () => agent.destroy() };
}

async function serve(folder, ...more) {
  const port = await freePort();
  const begin = process.hrtime.bigint();
  const child = spawn(binary, ['serve', '--dir', folder, '--listen', `127.0.0.1:${port}`, ...more], { stdio: 'ignore' });
  const c = client(port);
  for (let i = 0; i < 20000; i++) {
    try {
      await c.ask('/robots.txt');
      return { child, ms: Number(process.hrtime.bigint() - begin) / 1e6, ...c };
    } catch {
      await sleep(1);
    }
  }
  throw new Error('the server did not answer');
}

async function times(s, paths) {
  const list = [];
  for (const path of paths) {
    const one = await s.ask(path);
    if (one.status !== 200) throw new Error(`${path}: ${one.status}`);
    list.push(one.ms);
  }
  return median(list);
}

const repeat = (n, path) => Array.from({ length: n }, () => path);
const rows = [];
for (const size of sizes) {
  const { folder, paths } = corpus(size);
  const d = dice(9), words = vocabulary();
  const starts = [];
  for (let i = 0; i < 7; i++) {
    const s = await serve(folder);
    starts.push(s.ms);
    s.end();
    await stop(s.child);
  }
  const idle = await serve(folder);
  await sleep(1000);
  const memory = status(idle.child.pid, 'VmRSS') / 1024;
  idle.end();
  await stop(idle.child);
  const s = await serve(folder, '--dev', join(work, 'no-theme'));
  await times(s, [...repeat(30, '/'), ...paths.slice(0, 30)]);
  // One frequent word, pairs of middling ones, a rare one, a phrase, a filter.
  const searches = Array.from({ length: 60 }, (_, i) => [`/search?q=${words[i % 20]}`, `/search?q=${words[100 + d.below(900)]}+${words[100 + d.below(900)]}`,
    `/search?q=${words[5000 + d.below(20000)]}`, `/search?q=%22${words[d.below(30)]}+${words[d.below(30)]}%22`, `/search?q=${words[d.below(300)]}+section:city+after:2025`]).flat();
  rows.push({
    size, start: median(starts), memory,
    front: await times(s, repeat(200, '/')),
    section: await times(s, repeat(100, '/city')),
    story: await times(s, Array.from({ length: 200 }, () => paths[d.below(size)])),
    search: await times(s, searches),
    frequent: await times(s, searches.filter((_, i) => i % 5 === 0)),
  });
  s.end();
  await stop(s.child);
}
console.log(`| stories | ${rows.map((r) => r.size.toLocaleString('en')).join(' | ')} | goal |`);
console.log(`|---|${rows.map(() => '---:|').join('')}---:|`);
for (const [name, key, unit, goal] of [['front page made anew', 'front', 'ms', '< 3 ms'], ['a section made anew', 'section', 'ms', ''], ['a story made anew', 'story', 'ms', ''],
  ['a search', 'search', 'ms', '< 20 ms'], ['a search for the most frequent words', 'frequent', 'ms', '< 20 ms'], ['start to first answer', 'start', 'ms', '< 150 ms'], ['idle memory', 'memory', 'MB', '< 40 MB']])
  console.log(`| ${name} | ${rows.map((r) => `${r[key].toFixed(key === 'start' ? 0 : 1)} ${unit}`).join(' | ')} | ${goal} |`);

// --- a live blog of two thousand entries; BENCH_LIVE=0 leaves it out ---
if (process.env.BENCH_LIVE !== '0') {
  const { folder: kept, paths } = corpus(sizes[0]);
  const folder = join(work, 'live');
  cpSync(kept, folder, { recursive: true });
  const slug = paths[0].split('/').pop();
  stet(['live', 'start', slug, '--dir', folder]);
  const body = join(work, 'entry.md');
  for (let i = 0; i < 2000; i++) {
    writeFileSync(body, `${vocabulary.cached ??= vocabulary().slice(0, 60).join(' ')} ${i}.\n`);
    stet(['live', 'post', slug, '--headline', `Entry ${i}`, '--body', body, '--dir', folder]);
  }
  const s = await serve(folder, '--dev', join(work, 'no-theme'));
  await times(s, repeat(20, paths[0]));
  const live = await times(s, repeat(100, paths[0])), plain = await times(s, repeat(100, paths[1]));
  const size = (await s.ask(paths[0])).bytes, other = (await s.ask(paths[1])).bytes;
  console.log(`\nA live blog of 2,000 entries, made anew: ${live.toFixed(1)} ms and ${(size / 1024).toFixed(1)} KB (brotli); an ordinary story beside it: ${plain.toFixed(1)} ms, ${(other / 1024).toFixed(1)} KB.`);
  s.end();
  await stop(s.child);
}
rmSync(work, { recursive: true, force: true });
