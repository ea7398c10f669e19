// forum-queue.mjs: what a moderator's page costs with BENCH_HELD (100,000) comments that wait, beside 30, in the same run: the first page of the
// queue, one from its middle, and a decision; milliseconds of the whole request, and how large the page is.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { client, freePort, median, root, signedIn, stet, stop, words } from './lib.mjs';

const many = Number(process.env.BENCH_HELD || 100_000), few = 30, rounds = Number(process.env.BENCH_ROUNDS || 60), writers = 400;
const program = process.env.STET || join(root, 'build', 'src', 'stet'), password = 'correct horse battery staple';
const work = mkdtempSync(join(tmpdir(), 'stet-queue-'));

// A publication in which `held` comments wait, of 400 readers, each with some that are shown.
async function publication(held) {
  const folder = join(work, String(held)), port = await freePort(), seed = mkdtempSync(join(work, 'seed-'));
  stet(['init', folder, '--name', 'The Bench', '--listen', `127.0.0.1:${port}`, '--url', `http://localhost:${port}`, '--smtp', 'outbox', '--quiet']);
  appendFileSync(join(folder, 'stet.conf'), '\ntrusted_proxies = 127.0.0.0/8\n');
  writeFileSync(join(seed, 'publication.yaml'), 'name: bench\nsections:\n  - slug: news\n    name: News\n    description: ""\n');
  writeFileSync(join(seed, 'one.md'), `---\nheadline: The one\nsection: news\npublished: ${new Date(Date.now() - 3_600_000).toISOString()}\n---\n${words(300, 3)}\n`);
  stet(['import', 'markdown', seed, '--dir', folder, '--quiet']);
  stet(['user', 'add', 'mod@example.org', '--name', 'The Moderator', '--role', 'moderator', '--dir', folder]);
  spawnSync(program, ['user', 'password', 'mod@example.org', '--dir', folder], { input: `${password}\n` });
  const text = words(40, 7).replaceAll("'", ''), now = Date.now() * 1000;
  const rows = (count, from, state) => `INSERT INTO comment (id, story, parent, root, depth, reader, source, body, state, stands, made, change)
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})
    SELECT ${from} + i, s.id, 0, ${from} + i, 0, 1000 + i % ${writers}, i || ' ${text}', '<p>' || i || ' ${text}</p>', '${state}', ${state === 'shown' ? 1 : 0}, ${now - 3e9} + i * 1000, 1 FROM n, story s;`;
  const done = spawnSync('sqlite3', [join(folder, 'stet.db')], { encoding: 'utf8', input: `BEGIN;
    INSERT INTO reader (id, address, address_key, confirmed, name, name_key, name_look, handle, made, seen)
      WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < ${1000 + writers - 1})
      SELECT i, i || '@example.org', i || '@example.org', 1, 'Reader ' || i, i, i, randomblob(16), 1, 1 FROM n;
    ${rows(held, 10_000_000, 'held')} ${rows(20_000, 20_000_000, 'shown')}
    INSERT INTO comment_hit SELECT id, 0, 'links', 'example.org', 5, 4 FROM comment WHERE state = 'held';
    INSERT INTO conversation (story, comments, change, latest) SELECT id, 20000, 1, ${now} FROM story; COMMIT;` });
  if (done.status || done.stderr) throw new Error(done.stderr);
  const server = spawn(program, ['serve', '--dir', folder], { stdio: 'ignore' });
  const cookie = await signedIn(port, 'mod@example.org', password);
  return { held, server, now, figures: { first: [], middle: [], reader: [], decision: [] }, ask: client(port, { cookie }) };
}

const idText = (n) => Array.from({ length: 13 }, (_, i) => '0123456789abcdefghjkmnpqrstvwxyz'[Number((BigInt(n) >> BigInt(5 * (12 - i))) & 31n)]).join('');
const both = [await publication(many), await publication(few)];
for (let i = 0; i < rounds; i++)
  for (const p of both) {
    const half = Math.floor(p.held / 2) - (i % 5), at = p.now - 3e9 + half * 1000;
    for (const [what, path] of [['first', '/moderation'], ['middle', `/moderation?after=${at}-${idText(10_000_000 + half)}`], ['reader', `/moderation/reader/${idText(1000 + (i % writers))}`]]) {
      const r = await p.ask(path);
      if (r.status !== 200) throw new Error(`${path}: ${r.status}`);
      p.figures[what].push(r.ms);
      if (what === 'first') p.bytes = r.body.length;
    }
    if (i < few - 5) {
      const r = await p.ask(`/moderation/comment/${idText(10_000_000 + i)}`, { method: 'POST', headers: { accept: 'application/json' }, form: { do: 'approve', seen: 'held' } });
      if (r.status !== 200) throw new Error(`${r.status} ${r.body}`);
      p.figures.decision.push(r.ms);
    }
  }
const [long, short] = both, worst = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length * 0.95)];
for (const [what, key] of [['first page of the queue', 'first'], ['a page from its middle', 'middle'], ['a reader’s history', 'reader'], ['a decision', 'decision']])
  console.log(`${what}: ${median(long.figures[key]).toFixed(2)} ms (19 of 20 under ${worst(long.figures[key]).toFixed(2)}) with ${many} that wait, ${median(short.figures[key]).toFixed(2)} ms (${worst(short.figures[key]).toFixed(2)}) with ${few}`);
console.log(`the page as brotli: ${(long.bytes / 1000).toFixed(1)} KB (goal: under 20 ms)`);
for (const p of both) await stop(p.server);
rmSync(work, { recursive: true, force: true });
