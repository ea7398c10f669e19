// forum-import.mjs: what bringing comments in costs, by the number of them: BENCH_IMPORT (100,000) lines of JSON, a tenth of
// them first, and a fifth as many of a Disqus export. Half of them answer another; texts of 10 to 70 words, 1,000 stories.
//   comments a second, of the whole run of `stet forum import`
//   the most memory that took (VmHWM): it must not grow with the number
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, root, status, stet, words } from './lib.mjs';

const many = Number(process.env.BENCH_IMPORT || 100_000), pages = 1000;
const work = mkdtempSync(join(process.env.BENCH_FOLDER || tmpdir(), 'stet-forum-import-'));
const program = process.env.STET || join(root, 'build', 'src', 'stet');
const texts = Array.from({ length: 997 }, (_, i) => words(10 + (i * 7) % 60, i + 1));
const began = Date.parse('2020-01-05T09:00:00Z');

async function publication(name) {
  const folder = join(work, name), seed = join(work, `${name}-seed`), port = await freePort();
  stet(['init', folder, '--name', 'The Bench', '--listen', `127.0.0.1:${port}`, '--url', `http://localhost:${port}`, '--quiet']);
  mkdirSync(join(seed, 'news'), { recursive: true });
  for (let i = 0; i < pages; i++) writeFileSync(join(seed, 'news', `page-${i}.md`), `---\ntitle: Page ${i}\ndate: 2020-01-05T08:00:00Z\naliases:\n  - /2020/${i}/\n---\nWords.\n`);
  stet(['import', 'markdown', seed, '--dir', folder, '--quiet']);
  return folder;
}

// Each third answers one of the comments of its page, which may stand behind it.
const one = (i) => ({ id: `k${i}`, page: i % pages, name: `Guest ${i % 9973}`, text: texts[i % texts.length], time: new Date(began + i * 1000).toISOString(),
  answers: Math.floor(i / pages) % 2 ? `k${i % pages + pages * Math.floor(Math.floor(i / pages) * 0.6)}` : null });

function write(name, n, head, line, tail) {
  const file = join(work, name), fd = openSync(file, 'w');
  let part = head;
  for (let i = 0; i < n; i++) {
    part += line(one(i));
    if (part.length > 1 << 20) { writeSync(fd, part); part = ''; }
  }
  writeSync(fd, part + tail);
  closeSync(fd);
  return file;
}
const lines = (n) => write(`${n}.jsonl`, n, '', (k) => `${JSON.stringify({ id: k.id, story: `page-${k.page}`, ...(k.answers ? { answers: k.answers } : {}), name: k.name, written: k.time, text: k.text })}\n`, '');
const threads = () => Array.from({ length: pages }, (_, i) => `<thread dsq:id="${i}"><id>${i}</id><link>https://old.example/2020/${i}/</link></thread>\n`).join('');
const disqus = (n) => write(`${n}.xml`, n, `<?xml version="1.0"?>\n<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n${threads()}`,
  (k) => `<post dsq:id="${k.id}"><id/><message><![CDATA[<p>${k.text}</p>]]></message><createdAt>${k.time}</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>${k.name}</name><isAnonymous>true</isAnonymous></author><thread dsq:id="${k.page}"/>${k.answers ? `<parent dsq:id="${k.answers}"/>` : ''}</post>\n`, '</disqus>\n');

async function bring(what, n, make) {
  const folder = await publication(`${what}-${n}`), file = make(n), mb = statSync(file).size / 1e6, at = performance.now();
  const run = spawn(program, ['forum', 'import', file, '--dir', folder, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let most = 0, said = '';
  run.stdout.on('data', (d) => { said += d; });
  const looking = setInterval(() => { try { most = Math.max(most, status(run.pid, 'VmHWM')); } catch { /* it has ended */ } }, 20);
  const [code] = await once(run, 'close');
  clearInterval(looking);
  const seconds = (performance.now() - at) / 1000, report = JSON.parse(said);
  if (code || report.placed !== n || report.orphans) throw new Error(`${what}: ${code} ${said.slice(0, 400)}`);
  console.log(`${what}, ${n} comments (${mb.toFixed(0)} MB): ${seconds.toFixed(1)} s, ${(n / seconds).toFixed(0)} a second, at most ${(most / 1024).toFixed(1)} MB`);
  rmSync(folder, { recursive: true });
  rmSync(file);
}

try {
  await bring('lines of JSON', many / 10, lines);
  await bring('lines of JSON', many, lines);
  await bring('Disqus', many / 5, disqus);
} finally {
  rmSync(work, { recursive: true, force: true });
}
