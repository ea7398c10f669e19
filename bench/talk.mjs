// talk.mjs: a conversation in a hurry. Readers post comments under one story as fast as they are answered, each durable when
// it is answered, while others hold event streams and a page of the conversation is asked for ten times a second.
//   without streams, and with BENCH_STREAMS (5,000): comments a second, CPU each, how late the streams hear of it
//   beside it, in turns within the run, Debian's WordPress (PHP-FPM, nginx, MariaDB) taking comments by the same client;
//   BENCH_RIVAL=0 leaves it out
//   and votes for one comment
// The client takes CPU of the same two cores; so do those who hold the streams.
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { clockTicks, freePort, median, root, sleep, stet, stop, words } from './lib.mjs';

const streams = Number(process.env.BENCH_STREAMS || 5000), seconds = Number(process.env.BENCH_SECONDS || 8), rounds = Number(process.env.BENCH_ROUNDS || 3);
const writers = Number(process.env.BENCH_WRITERS || 64), people = Number(process.env.BENCH_PEOPLE || 20000);
const work = mkdtempSync(join(tmpdir(), 'stet-talk-'));
const program = process.env.STET || join(root, 'build', 'src', 'stet');

// Keeps `writers` connections busy for a while; `request(n)` is the text of the nth request. How many were answered well, and when.
async function storm(port, request, good, at = writers) {
  const until = performance.now() + seconds * 1000;
  let sent = 0, done = 0, refused = '';
  const times = [], answered = [];
  await Promise.all(Array.from({ length: at }, () => new Promise((resolve, reject) => {
    let socket, kept = '', began = 0;
    const next = () => {
      if (performance.now() > until) { socket.destroy(); resolve(); return; }
      began = performance.now();
      if (socket.destroyed) open(); else socket.write(request(sent++));
    };
    const take = (part) => {
      kept += part.toString('latin1');
      const end = kept.indexOf('\r\n\r\n');
      const length = end < 0 ? null : /\r\ncontent-length: *(\d+)/i.exec(kept.slice(0, end));
      const chunked = end >= 0 && !length && /\r\ntransfer-encoding: *chunked/i.test(kept.slice(0, end));
      if (end < 0 || (length && kept.length < end + 4 + Number(length[1])) || (chunked && !kept.endsWith('0\r\n\r\n'))) return;
      if (good.test(kept.slice(0, end))) { done++; times.push(performance.now() - began); answered.push(performance.timeOrigin + performance.now()); } else refused ||= kept;
      kept = '';
      next();
    };
    const open = () => {
      socket = connect(port, '127.0.0.1', () => socket.write(request(sent++)));
      socket.on('data', take).on('error', reject);
    };
    began = performance.now();
    open();
  })));
  if (refused) console.error(`a comment was refused: ${refused.slice(0, 900)}`);
  return { rate: done / seconds, done, times, answered };
}

const text = (n) => `${words(25, n + 1).replace(/\s+/g, ' ')} ${n}.`;
function message(path, headers, form) {
  const body = new URLSearchParams(form).toString();
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n`
    + `${Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n${body}`;
}
function processes(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...(children ? children.split(' ').map(Number).flatMap(processes) : [])];
}
const cpu = (pids) => pids.flatMap(processes).reduce((sum, pid) => {
  const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ');
  return sum + (Number(f[11]) + Number(f[12])) * 1000 / clockTicks;
}, 0);

// --- ours ---
const port = await freePort(), folder = join(work, 'pub');
stet(['init', folder, '--name', 'The Bench', '--listen', `127.0.0.1:${port}`, '--url', `http://localhost:${port}`, '--smtp', 'outbox', '--quiet']);
appendFileSync(join(folder, 'stet.conf'), '\ntrusted_proxies = 127.0.0.0/8\n');
const seed = mkdtempSync(join(work, 'seed-'));
writeFileSync(join(seed, 'publication.yaml'), 'name: bench\nsections:\n  - slug: news\n    name: News\n    description: ""\n');
writeFileSync(join(seed, 'talk.md'), `---\nheadline: Much talked about\nsection: news\n---\n${words(300, 3)}\n`);
stet(['import', 'markdown', seed, '--dir', folder, '--quiet']);
stet(['story', 'publish', 'talk', '--dir', folder, '--quiet']);
stet(['forum', 'rules', 'wait_seconds', '0', 'newcomer_wait_seconds', '0', 'newcomer_day', '0', 'typing_seconds', '0', '--dir', folder]);
// So many readers that none of them is in a hurry; signed in by rows, since a password takes 30 ms of CPU.
const now = Date.now() * 1000, past = now - 1e6 * 86400 * 100;
const secrets = Array.from({ length: people }, () => randomBytes(32).toString('base64url'));
execFileSync('sqlite3', [join(folder, 'stet.db')], { input: `BEGIN;\n${secrets.map((secret, i) => `INSERT INTO reader (id, address, address_key, confirmed, name, name_key, name_look, handle, made, seen)
 VALUES (${1000 + i}, 'r${i}@example.org', 'r${i}@example.org', ${past}, 'Reader ${i}', 'reader${i}', 'reader${i}', randomblob(32), ${past}, ${now});
INSERT INTO session (id, reader, hash, turned, made, used, ends, proven, way, strong, device)
 VALUES (${1000 + i}, ${1000 + i}, x'${createHash('sha256').update(secret).digest('hex')}', ${now}, ${now}, ${now}, ${now + 1e6 * 86400}, ${now}, 'mail', 0, '');`).join('\n')}\nCOMMIT;\n` });
const cookies = secrets.map((secret) => `__Host-stet=${secret}`);
const serve = async () => {
  const child = spawn(program, ['serve', '--dir', folder], { stdio: 'ignore' });
  for (let i = 0; i < 400; i++) {
    try { await fetch(`http://127.0.0.1:${port}/robots.txt`); return child; } catch { await sleep(20); }
  }
  throw new Error('the server did not answer');
};
let server = null;
let number = 0;
const post = () => {
  const n = number++;
  return message('/news/talk/comments', { Cookie: cookies[n % people], Accept: 'application/json', 'Sec-Fetch-Site': 'same-origin', 'X-Forwarded-For': `10.${n % 251}.${n % 83}.1` }, { text: text(n), typed: '60', sure: '1' });
};
// A comment is heard of with the first event that counts it: its delay is from its writer's answer to that, on each stream.
function delays(lines, had, answered) {
  const all = new Map();
  let told = 0, upTo = 0, next = 0;
  for (const [comments, at, streams] of lines) {
    if (comments !== upTo) [told, upTo] = [next, comments];
    next = comments - had;
    for (let k = told; k < Math.min(next, answered.length); k++) {
      const ms = Math.max(0, Math.round(at - answered[k]));
      all.set(ms, (all.get(ms) ?? 0) + streams);
    }
  }
  const sorted = [...all].sort((a, b) => a[0] - b[0]), total = sorted.reduce((n, [, s]) => n + s, 0);
  const quantile = (q) => { let seen = 0; return sorted.find(([, s]) => (seen += s) > total * q)?.[0]; };
  return { p50: quantile(0.5), p99: quantile(0.99), share: total / streams / answered.length };
}
async function ours(listeners) {
  server = await serve();
  const lines = [];
  let reading = null;
  const had = JSON.parse(await (await fetch(`http://127.0.0.1:${port}/comments/counts.json?stories=talk`)).text()).talk;
  if (listeners) {
    const child = spawn(join(root, 'build', 'bench', 'bench_readers'), ['talk', String(port), '/news/talk/comments/events', String(listeners), String(seconds + 2)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve, reject) => {
      child.on('exit', () => reject(new Error('the readers ended')));
      createInterface({ input: child.stdout }).on('line', (l) => { if (l === 'open') resolve(); else lines.push(l.split(' ').map(Number)); });
    });
    reading = once(child, 'exit');
    await sleep(1000);
  }
  const pages = [];
  const looking = setInterval(async () => {
    const at = performance.now();
    await (await fetch(`http://127.0.0.1:${port}/news/talk/comments?sort=newest`)).text();
    pages.push(performance.now() - at);
  }, 100);
  const before = cpu([server.pid]);
  const r = await storm(port, post, /^HTTP\/1.1 (200|201|303)/);
  const spent = cpu([server.pid]) - before;
  clearInterval(looking);
  if (reading) await reading;
  await sleep(500);
  await stop(server);
  return { ...r, each: spent / r.done, heard: listeners ? delays(lines, had, r.answered) : null, page: median(pages) };
}

// --- WordPress, as Debian installs it ---
async function wordpress() {
  const there = String(await freePort()), scratch = process.env.BENCH_SCRATCH || join(tmpdir(), 'rivals');
  const child = spawn(join(root, 'bench', 'rivals', 'start.sh'), [scratch], { env: { ...process.env, WP_PORT: there, GHOST_PORT: '' }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const part of child.stdout) {
    said += part;
    if (/^ready$/m.test(said)) break;
  }
  const pids = [...said.matchAll(/^(?:mariadb|php|nginx) (\d+) \d+$/gm)].map((m) => Number(m[1]));
  const [, socket] = /^socket (.*)$/m.exec(said);
  const file = join(work, 'stories.json');
  writeFileSync(file, JSON.stringify([{ headline: 'Much talked about', standfirst: '', slug: 'talk', section: 'news', tags: [], published: '2026-01-01 00:00:00', html: `<p>${words(300, 3)}</p>` }]));
  execFileSync('php', ['-d', 'memory_limit=1G', join(root, 'bench', 'rivals', 'wp-fill.php'), join(scratch, 'wp'), file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const sql = (q) => execFileSync('mariadb', ['--no-defaults', `--socket=${socket}`, 'wp', '-N', '-e', q], { encoding: 'utf8' }).trim();
  // It would hold a stranger's first comment, and anything that comes within fifteen seconds of another.
  sql("UPDATE wp_options SET option_value = '0' WHERE option_name IN ('comment_previously_approved', 'comment_moderation', 'comments_notify', 'moderation_notify', 'comment_max_links')");
  writeFileSync(join(scratch, 'wp', 'wp-content', 'no-flood.php'), '');
  execFileSync('mkdir', ['-p', join(scratch, 'wp', 'wp-content', 'mu-plugins')]);
  writeFileSync(join(scratch, 'wp', 'wp-content', 'mu-plugins', 'no-flood.php'), "<?php add_filter('comment_flood_filter', '__return_false', 99); remove_action('check_comment_flood', 'check_comment_flood_db'); add_filter('wp_is_comment_flood', '__return_false', 99);\n");
  const id = sql("SELECT ID FROM wp_posts WHERE post_name = 'talk'");
  return {
    measure: async () => {
      const before = cpu(pids);
      const r = await storm(Number(there), () => { const n = number++; return message('/wp-comments-post.php', { 'X-Forwarded-For': '10.0.0.1' }, { comment: text(n), author: `Reader ${n % people}`, email: `reader${n % people}@example.org`, url: '', comment_post_ID: id, comment_parent: '0', submit: 'Post' }); }, /^HTTP\/1.1 302/);
      return { ...r, each: (cpu(pids) - before) / r.done };
    },
    end: () => child.kill('SIGTERM'),
  };
}

// Votes for one comment, each reader's once and back, by one client after another's answer and by all connections.
async function votes() {
  server = await serve();
  const view = await (await fetch(`http://127.0.0.1:${port}/news/talk/comments.json`)).json();
  const path = `/comment/${view.comments[0].id}/recommend`;
  let n = 0;
  const vote = () => {
    const i = n++;
    return message(path, { Cookie: cookies[i % people], Accept: 'application/json', 'Sec-Fetch-Site': 'same-origin', 'X-Forwarded-For': `10.${i % 251}.${i % 83}.2` }, Math.floor(i / people) % 2 ? { not: '1' } : {});
  };
  const done = /^HTTP\/1.1 (200|403)/; // one of them wrote it
  const one = await storm(port, vote, done, 1), before = cpu([server.pid]), all = await storm(port, vote, done);
  const spent = cpu([server.pid]) - before;
  await stop(server);
  return `a vote, durable: ${median(one.times).toFixed(2)} ms for a client that asks one after another; by ${writers} at once ${all.rate.toFixed(0)} a second, ${(spent / all.done).toFixed(2)} ms CPU each`;
}

const rival = process.env.BENCH_RIVAL === '0' ? null : await wordpress();
const cases = [{ name: 'Stet', run: () => ours(0) }];
if (streams) cases.push({ name: `Stet, ${streams.toLocaleString('en')} open streams`, run: () => ours(streams) });
if (rival) cases.push({ name: 'WordPress', run: rival.measure });
for (let round = 0; round < rounds; round++) for (const c of cases) (c.all ??= []).push(await c.run());
rival?.end();
const of = (c, pick) => median(c.all.map(pick));
console.log(`${writers} writers, medians of ${rounds} rounds of ${seconds} s, in turns.\n`);
console.log('| | comments a second | ms CPU each | answered after, median | p99 | a page beside it | heard after, median | p99 |');
console.log('|---|---:|---:|---:|---:|---:|---:|---:|');
for (const c of cases) {
  const quantile = (q) => of(c, (r) => r.times.sort((a, b) => a - b)[Math.floor(r.times.length * q)]);
  const heard = c.all[0].heard ? [of(c, (r) => r.heard.p50), of(c, (r) => r.heard.p99)].map((v) => `${v} ms`) : ['', ''];
  console.log(`| ${c.name} | ${of(c, (r) => r.rate).toFixed(0)} | ${of(c, (r) => r.each).toFixed(2)} | ${quantile(0.5).toFixed(1)} ms | ${quantile(0.99).toFixed(1)} ms | ${c.all[0].page ? `${of(c, (r) => r.page).toFixed(1)} ms` : ''} | ${heard.join(' | ')} |`);
}
console.log(`\n${await votes()}`);
if (streams) console.log(`\n${(100 * of(cases[1], (r) => r.heard.share)).toFixed(1)} % of what was posted times those who listened was heard while it was measured.`);
rmSync(work, { recursive: true, force: true });
