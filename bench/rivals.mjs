// rivals.mjs: the same thousand stories served by Stet, by WordPress and by Ghost, in turns within one run: requests
// for each second of CPU of all processes that serve (database included), as each program comes when it is installed. Stet stands
// there twice: as it serves, and with every page made anew, which is what the others do. The load
// is wrk's, eight connections, over pages in turn: the front page, a section, two hundred stories.
//
// Installs what is missing (some 2 GB in BENCH_SCRATCH, for Ghost). BENCH_STORIES, BENCH_SECONDS, BENCH_ROUNDS.
// BENCH_QUIET is a command that makes the machine quiet, prints a line and runs on; it is begun when all is installed and
// filled, and ended after the measuring, so that others need not stand still for longer.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clockTicks, freePort, median, publication, root, sleep, stet, stop, words } from './lib.mjs';

const count = Number(process.env.BENCH_STORIES || 1000);
const seconds = Number(process.env.BENCH_SECONDS || 5);
const rounds = Number(process.env.BENCH_ROUNDS || 3);
const scratch = process.env.BENCH_SCRATCH || join(tmpdir(), 'rivals');
const folder = mkdtempSync(join(tmpdir(), 'stet-rivals-'));

// --- the stories, the same for all ---

const sections = ['city', 'world', 'culture', 'sport', 'science'];
const stories = Array.from({ length: count }, (_, i) => {
  const text = words(450 + (i % 7) * 150, i + 1).split('\n\n');
  return {
    headline: `Story ${i}: ${text[0].split(' ').slice(0, 6).join(' ')}`,
    standfirst: text[0].split(' ').slice(6, 30).join(' '),
    slug: `story-${i}`,
    section: sections[i % sections.length],
    tags: [`tag-${i % 20}`, `tag-${i % 33}`],
    published: new Date(Date.UTC(2026, 0, 1) + i * 3600e3).toISOString().slice(0, 19).replace('T', ' '),
    text: text.join('\n\n'),
    html: text.map((p) => `<p>${p.trim()}</p>`).join('\n'),
  };
});

function processes(pid) {
  const parents = new Map();
  for (const entry of readdirSync('/proc').filter((e) => /^\d+$/.test(e))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch { /* it ended meanwhile */ }
  }
  const all = [pid];
  for (let i = 0; i < all.length; i++)
    for (const [child, parent] of parents) if (parent === all[i]) all.push(child);
  return all;
}

function cpuSeconds(pids) {
  let ticks = 0;
  for (const pid of pids.flatMap(processes)) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const f = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(f[11]) + Number(f[12]);
  }
  return ticks / clockTicks;
}

// --- the three ---

async function ours() {
  const p = await publication(join(folder, 'pub'));
  const dir = join(folder, 'stories');
  mkdirSync(dir);
  writeFileSync(join(dir, 'publication.yaml'), `name: bench\nsections:\n${sections.map((s) => `  - slug: ${s}\n    name: ${s}\n    description: ""`).join('\n')}\n`);
  for (const s of stories)
    writeFileSync(join(dir, `${s.slug}.md`), `---\nheadline: "${s.headline}"\nstandfirst: "${s.standfirst}"\nsection: ${s.section}\n` +
      `authors: [editor]\ntags: [${s.tags.join(', ')}]\npublished: ${s.published}Z\n---\n${s.text}\n`);
  stet(['import', 'markdown', dir, '--dir', p.folder, '--quiet']);
  return p;
}

async function rivals() {
  const ports = { WP_PORT: String(await freePort()), GHOST_PORT: String(await freePort()) };
  const child = spawn(join(root, 'bench', 'rivals', 'start.sh'), [scratch], { env: { ...process.env, ...ports }, stdio: ['ignore', 'pipe', 'inherit'] });
  const found = { child, wordpress: Number(ports.WP_PORT), ghost: Number(ports.GHOST_PORT), pid: {} };
  let text = '';
  for await (const part of child.stdout) {
    text += part;
    if (/^ready$/m.test(text)) break;
  }
  for (const [, name, pid] of text.matchAll(/^(\w+) (\d+) \d+$/gm)) found.pid[name] = Number(pid);
  [, found.socket] = /^socket (.*)$/m.exec(text);
  return found;
}

function fillWordPress() {
  const file = join(folder, 'stories.json');
  writeFileSync(file, JSON.stringify(stories));
  execFileSync('php', ['-d', 'memory_limit=1G', join(root, 'bench', 'rivals', 'wp-fill.php'), join(scratch, 'wp'), file], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function fillGhost(port) {
  const base = `http://127.0.0.1:${port}/ghost/api/admin/`;
  let cookie = '';
  const call = async (method, path, body) => {
    const answer = await fetch(base + path, { method, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${port}`, cookie } });
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
    for (const one of answer.headers.getSetCookie()) cookie = one.split(';')[0];
    return answer.text();
  };
  for (let i = 0; ; i++) {
    try {
      await call('GET', 'site/');
      break;
    } catch (e) {
      if (i > 600) throw e;
      await sleep(500);
    }
  }
  await call('POST', 'authentication/setup/', { setup: [{ name: 'Editor', email: 'editor@example.org', password: 'Scratch-0nly-bench', blogTitle: 'The Bench' }] });
  await call('POST', 'session/', { username: 'editor@example.org', password: 'Scratch-0nly-bench' });
  for (const s of stories)
    await call('POST', 'posts/?source=html', { posts: [{ title: s.headline, slug: s.slug, html: s.html, custom_excerpt: s.standfirst.slice(0, 290),
      status: 'published', published_at: `${s.published.replace(' ', 'T')}.000Z`, tags: [s.section, ...s.tags].map((name) => ({ name })) }] });
}

// --- measuring ---

const some = stories.slice(-200);
const paths = {
  stet: ['/', '/city', ...some.map((s) => `/${s.section}/${s.slug}`)],
  wordpress: ['/', '/category/city/', ...some.map((s) => `/${s.section}/${s.slug}/`)],
  ghost: ['/', '/tag/city/', ...some.map((s) => `/${s.slug}/`)],
};

function load(port, list) {
  const script = join(folder, 'paths.lua');
  writeFileSync(script, `local paths = {${list.map((p) => `"${p}"`).join(',')}}\nlocal i = 0\n` +
    'request = function() i = i % #paths + 1; return wrk.format("GET", paths[i], {["Accept-Encoding"] = "gzip", ["Accept"] = "text/html"}) end\n');
  const out = execFileSync('wrk', ['-t1', '-c8', `-d${seconds}s`, '--timeout', '30s', '-s', script, `http://127.0.0.1:${port}`], { encoding: 'utf8' });
  if (/Non-2xx/.test(out)) throw new Error(out);
  return Number(/(\d+) requests in/.exec(out)[1]);
}

const p = await ours();
const r = await rivals();
fillWordPress();
await fillGhost(r.ghost);
for (const [name, port] of [['wordpress', r.wordpress], ['ghost', r.ghost]])
  for (const path of paths[name].slice(0, 4)) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' });
    if (answer.status !== 200) throw new Error(`${name} ${path}: ${answer.status}`);
  }
const cases = [
  { name: 'Stet', start: async () => (await p.serve()), port: p.port, paths: paths.stet },
  { name: 'Stet, every page made anew', start: async () => (await p.serve('--dev', join(folder, 'no-theme'))), port: p.port, paths: paths.stet },
  { name: 'WordPress (Debian, PHP-FPM, nginx, MariaDB)', pids: ['php', 'nginx', 'mariadb'].map((n) => r.pid[n]), port: r.wordpress, paths: paths.wordpress },
  { name: 'Ghost (npm, MariaDB)', pids: ['ghost', 'mariadb'].map((n) => r.pid[n]), port: r.ghost, paths: paths.ghost },
];
mkdirSync(join(folder, 'no-theme'));
const hush = process.env.BENCH_QUIET && spawn('/bin/sh', ['-c', `exec ${process.env.BENCH_QUIET}`], { stdio: ['ignore', 'pipe', 'inherit'] });
if (hush) await once(hush.stdout, 'data');
for (let round = 0; round < rounds; round++)
  for (const c of cases) {
    const server = c.start && await c.start();
    const pids = c.pids ?? [server.pid];
    if (!round) for (const path of c.paths) await (await fetch(`http://127.0.0.1:${c.port}${path}`)).arrayBuffer();
    const before = cpuSeconds(pids);
    const n = load(c.port, c.paths);
    (c.rates ??= []).push(n / (cpuSeconds(pids) - before));
    if (server) await stop(server);
  }
if (hush) await stop(hush);
console.log(`${count} stories; medians of ${rounds} rounds of ${seconds} s each, in turns.\n`);
console.log('| program | requests for each second of CPU | of Stet\'s |');
console.log('|---|---:|---:|');
const first = median(cases[0].rates);
for (const c of cases)
  console.log(`| ${c.name} | ${median(c.rates).toFixed(median(c.rates) < 100 ? 1 : 0)} | 1/${(first / median(c.rates)).toFixed(c === cases[0] ? 0 : 1)} |`);
r.child.kill('SIGTERM');
rmSync(folder, { recursive: true, force: true });
process.exit(0);
