// http.mjs: a cached page, a 304, and the same over TLS with HTTP/2: our CPU for each request beside
// nginx serving the same bytes as a static file, in turns within one run. CPU is user and system
// time of all of a server's processes, from /proc, divided by the requests answered; requests a
// second are no measure here, since the load comes from the same cores.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clockTicks, freePort, median, publication, sleep, stet, stop, words } from './lib.mjs';

const seconds = Number(process.env.BENCH_SECONDS || 4);
const rounds = Number(process.env.BENCH_ROUNDS || 3);

// The server's processes: itself and its children.
function family(pid) {
  const all = [pid];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid) all.push(Number(entry));
    } catch { /* it ended meanwhile */ }
  }
  return all;
}

function cpuSeconds(pid) {
  let ticks = 0;
  for (const one of family(pid)) {
    const stat = readFileSync(`/proc/${one}/stat`, 'utf8');
    const f = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(f[11]) + Number(f[12]);
  }
  return ticks / clockTicks;
}

function fetchRaw(port, path, headers) {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, headers }, (res) => {
      const parts = [];
      res.on('data', (d) => parts.push(d));
      res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, body: Buffer.concat(parts) }));
    }).on('error', reject).end();
  });
}

function wrk(port, path, headers) {
  const args = ['-t2', '-c64', `-d${seconds}s`];
  for (const [k, v] of Object.entries(headers)) args.push('-H', `${k}: ${v}`);
  const out = execFileSync('wrk', [...args, `http://127.0.0.1:${port}${path}`], { encoding: 'utf8' });
  const bad = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(out);
  if (bad && bad.slice(1).some((n) => Number(n) > 0)) throw new Error(out);
  return Number(/(\d+) requests in/.exec(out)[1]);
}

function h2load(port, path) {
  const out = execFileSync('h2load', ['-c64', '-m8', '-t1', `-D${seconds}`, '-H', 'accept-encoding: br',
    `https://127.0.0.1:${port}${path}`], { encoding: 'utf8' });
  const done = /requests: .* (\d+) succeeded, (\d+) failed/.exec(out);
  if (!done || Number(done[2]) > 0) throw new Error(out);
  return Number(done[1]);
}

async function nginx(folder, page, etag) {
  const http = await freePort();
  const tls = await freePort();
  mkdirSync(join(folder, 'www'));
  writeFileSync(join(folder, 'www', 'page'), page);
  writeFileSync(join(folder, 'nginx.conf'), `
user root;
worker_processes 2;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=100;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3;
  uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  server {
    listen 127.0.0.1:${http} reuseport;
    listen 127.0.0.1:${tls} ssl http2 reuseport;
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/cert.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    root ${folder}/www;
    default_type "text/html; charset=utf-8";
    add_header Content-Encoding br;
    add_header Vary accept-encoding;
    add_header Cache-Control "public, no-cache";
  }
}
`);
  const process_ = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'ignore' });
  await sleep(500);
  return { process: process_, http, tls, path: '/page' };
}

// Bars of our cost as a share of nginx's, with the goal as a line.
function plot(rows) {
  const width = 640, scale = 400, left = 20;
  const parts = rows.map(({ name, ratio, goal }, i) => {
    const y = 30 + i * 62;
    return `<text x="${left}" y="${y}">${name}</text>
<rect x="${left}" y="${y + 8}" width="${scale}" height="14" fill="#d8dcdf"/>
<rect x="${left}" y="${y + 8}" width="${(ratio * scale).toFixed(0)}" height="14" fill="#1b5e73"/>
<line x1="${left + goal * scale}" x2="${left + goal * scale}" y1="${y + 4}" y2="${y + 26}" stroke="#b3261e" stroke-width="2"/>
<text x="${left + Math.max(1, goal) * scale + 60}" y="${y + 20}">${ratio.toFixed(2)} of nginx</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${30 + rows.length * 62}" font-family="sans-serif" font-size="13" role="img" aria-label="Server CPU for each request as a share of nginx's">
<rect width="100%" height="100%" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
}

const folder = mkdtempSync(join(tmpdir(), 'stet-bench-'));
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
  '-days', '30', '-subj', '/CN=127.0.0.1', '-keyout', join(folder, 'cert.key'), '-out', join(folder, 'cert.pem')],
{ stdio: 'ignore' });
const tls = await freePort();
const p = await publication(join(folder, 'pub'), `listen_tls = 127.0.0.1:${tls}\nloops = 2\n` +
  `certificate = ${join(folder, 'cert.pem')}\ncertificate_key = ${join(folder, 'cert.key')}\n`);
// Random words compress badly, so this many make a page of about 12 KB in brotli.
writeFileSync(join(folder, 'story.md'), `---\nheadline: A page of twelve kilobytes\nsection: news\n---\n${words(2450)}\n`);
stet(['story', 'new', join(folder, 'story.md'), '--publish', '--dir', p.folder]);
const server = await p.serve();
const path = '/news/a-page-of-twelve-kilobytes';
const br = await fetchRaw(p.port, path, { 'accept-encoding': 'br' });
if (br.status !== 200 || br.headers['content-encoding'] !== 'br') throw new Error(`the page is not served: ${br.status}`);
const n = await nginx(folder, br.body, br.headers.etag);
const theirs = await fetchRaw(n.http, n.path, {});
if (theirs.status !== 200 || !theirs.body.equals(br.body)) throw new Error(`nginx does not serve the same: ${theirs.status}`);

const cases = {
  'cached page, HTTP/1.1, 64 connections': {
    goal: 0.85,
    stet: () => wrk(p.port, path, { 'Accept-Encoding': 'br' }),
    nginx: () => wrk(n.http, n.path, { 'Accept-Encoding': 'br' }),
  },
  '304, HTTP/1.1, 64 connections': {
    goal: 1.1,
    stet: () => wrk(p.port, path, { 'Accept-Encoding': 'br', 'If-None-Match': br.headers.etag }),
    nginx: () => wrk(n.http, n.path, { 'If-None-Match': theirs.headers.etag }),
  },
  'cached page, TLS, HTTP/2, 64 connections of 8 streams': {
    goal: 1.0,
    stet: () => h2load(tls, path),
    nginx: () => h2load(n.tls, n.path),
  },
};

console.log(`page: ${br.body.length} bytes of brotli; ${rounds} rounds of ${seconds} s each, in turns\n`);
console.log('| case | Stet, µs CPU | nginx, µs CPU | ratio | goal |');
console.log('|---|---:|---:|---:|---:|');
const bars = [];
for (const [name, c] of Object.entries(cases)) {
  const cost = { stet: [], nginx: [] };
  for (let i = 0; i < rounds; i++) {
    for (const who of ['stet', 'nginx']) {
      const pid = who === 'stet' ? server.pid : n.process.pid;
      const before = cpuSeconds(pid);
      const requests = c[who]();
      cost[who].push((cpuSeconds(pid) - before) / requests * 1e6);
    }
  }
  const ours = median(cost.stet), reference = median(cost.nginx);
  bars.push({ name, ratio: ours / reference, goal: c.goal });
  console.log(`| ${name} | ${ours.toFixed(2)} | ${reference.toFixed(2)} | ${(ours / reference).toFixed(2)} | ≤ ${c.goal} |`);
}
if (process.env.BENCH_PLOT) writeFileSync(process.env.BENCH_PLOT, plot(bars));
await stop(server);
await stop(n.process);
rmSync(folder, { recursive: true, force: true });
