// forum.mjs: what a long conversation costs, beside a short one in the same run: BENCH_COMMENTS (33,000) comments under one
// story, 30 under another, some of them a chain.
//   the first page of the conversation and the story's page, made anew after each vote: milliseconds, bytes as brotli
//   the page of the deepest comment of the chain
//   a vote: the whole request, durable when it is answered
//   bringing comments in: comments a second, and the most memory that took
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { client, freePort, median, root, signedIn, sleep, status, stet, stop, words } from './lib.mjs';

const many = Number(process.env.BENCH_COMMENTS || 33_000), few = 30, chain = 10_000, rounds = Number(process.env.BENCH_ROUNDS || 25);
const work = mkdtempSync(join(tmpdir(), 'stet-forum-'));
const folder = join(work, 'pub'), port = await freePort();
const program = process.env.STET || join(root, 'build', 'src', 'stet');
const password = 'correct horse battery staple';

stet(['init', folder, '--name', 'The Bench', '--listen', `127.0.0.1:${port}`, '--url', `http://localhost:${port}`, '--smtp', 'outbox', '--quiet']);
appendFileSync(join(folder, 'stet.conf'), '\ntrusted_proxies = 127.0.0.0/8\n');
const seed = mkdtempSync(join(work, 'seed-'));
writeFileSync(join(seed, 'publication.yaml'), 'name: bench\nsections:\n  - slug: news\n    name: News\n    description: ""\n');
for (const name of ['long', 'short', 'deep']) writeFileSync(join(seed, `${name}.md`), `---\nheadline: The ${name} one\nsection: news\npublished: ${new Date(Date.now() - 3_600_000).toISOString()}\n---\n${words(300, 3)}\n`);
stet(['import', 'markdown', seed, '--dir', folder, '--quiet']);

// Half answer another; texts of 10 to 70 words.
const lines = [];
const add = (story, id, answers) => lines.push(JSON.stringify({ id: `${story}${id}`, story, ...(answers === null ? {} : { answers: `${story}${answers}` }), name: `Guest ${id % 997}`,
  written: new Date(Date.now() - 3_000_000 + id).toISOString(), text: words(10 + (id * 7) % 60, id + 1), ups: (id * 13) % 40 }));
for (let i = 0; i < many; i++) add('long', i, i % 2 ? Math.floor(i * 0.6) : null);
for (let i = 0; i < few; i++) add('short', i, i % 2 ? Math.floor(i * 0.6) : null);
for (let i = 0; i < chain; i++) add('deep', i, i ? i - 1 : null);
writeFileSync(join(work, 'comments.jsonl'), `${lines.join('\n')}\n`);
const began = performance.now();
const bringing = spawn(program, ['forum', 'import', join(work, 'comments.jsonl'), '--dir', folder], { stdio: 'ignore' });
let most = 0;
const looking = setInterval(() => { try { most = Math.max(most, status(bringing.pid, 'VmHWM')); } catch { /* it has ended */ } }, 20);
const [code] = await once(bringing, 'exit');
clearInterval(looking);
if (code) throw new Error(`the import ended with ${code}`);
console.log(`bringing in: ${(lines.length / (performance.now() - began) * 1000).toFixed(0)} comments a second, at most ${(most / 1024).toFixed(0)} MB`);
stet(['user', 'add', 'reader@example.org', '--name', 'The Reader', '--dir', folder]);
spawnSync(program, ['user', 'password', 'reader@example.org', '--dir', folder], { input: `${password}\n` });

const server = spawn(program, ['serve', '--dir', folder], { stdio: 'ignore' });
const ask = client(port), cookie = await signedIn(port, 'reader@example.org', password);

const figures = {};
for (const story of ['long', 'short']) {
  const view = JSON.parse((await ask(`/news/${story}/comments.json`, { headers: { 'accept-encoding': 'identity' } })).body);
  const id = view.comments[3].id, times = { vote: [], page: [], story: [], hit: [] };
  let bytes = 0;
  for (let i = 0; i < rounds; i++) {
    const vote = await ask(`/comment/${id}/recommend`, { method: 'POST', headers: { cookie, accept: 'application/json' }, form: i % 2 ? { not: '1' } : {} });
    if (vote.status !== 200) throw new Error(`${vote.status} ${vote.body}`);
    times.vote.push(vote.ms);
    const page = await ask(`/news/${story}/comments`);
    bytes = page.body.length;
    times.page.push(page.ms);
    times.story.push((await ask(`/news/${story}`)).ms);
    times.hit.push((await ask(`/news/${story}/comments`)).ms);
    await sleep(1000); // a reader's pace of voting
  }
  figures[story] = { bytes, ...Object.fromEntries(Object.entries(times).map(([k, v]) => [k, median(v)])) };
}
const { long, short } = figures;
for (const [what, key] of [['first page made anew', 'page'], ['story made anew', 'story'], ['first page from the cache', 'hit'], ['a vote', 'vote']])
  console.log(`${what}: ${long[key].toFixed(2)} ms with ${many} comments, ${short[key].toFixed(2)} ms with ${few}: x ${(long[key] / short[key]).toFixed(2)}`);
console.log(`first page as brotli: ${(long.bytes / 1000).toFixed(1)} KB with ${many}, ${(short.bytes / 1000).toFixed(1)} KB with ${few} (goal: under 60)`);

// The deepest: found by going down, a page at a time.
let path = '/news/deep/comments', steps = 0, last = 0;
for (;;) {
  const at = await ask(path);
  const html = (await import('node:zlib')).brotliDecompressSync(at.body).toString().replaceAll('&#x2F;', '/');
  last = at.ms;
  const more = [...html.matchAll(/<p class="more"><a href="([^"]*)#answers">/g)].map((m) => m[1]).filter((p) => p !== path && !html.includes(`<p class="more"><a href="${p}">`)).at(-1);
  if (!more || ++steps > 200) break;
  path = more;
}
console.log(`a chain of ${chain}: ${steps} pages down, the last made in ${last.toFixed(2)} ms`);
await stop(server);
rmSync(work, { recursive: true, force: true });
