// lib.mjs: what the benches share: a publication of our own making, medians, /proc.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const binary = process.env.STET || join(root, 'build', 'src', 'stet');
export const clockTicks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

export const sleep = (ms) => new Promise((r) => { setTimeout(r, ms); });

export function median(list) {
  const s = [...list].sort((a, b) => a - b);
  return s.length % 2 ? s[(s.length - 1) / 2] : (s[s.length / 2 - 1] + s[s.length / 2]) / 2;
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export function stet(args) {
  return execFileSync(binary, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

export async function stop(child) {
  const ended = once(child, 'exit');
  if (child.exitCode === null) child.kill();
  await ended;
}

// A line of the kernel's account of a process, in its unit ("VmRSS" in kB).
export function status(pid, field) {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n').find((l) => l.startsWith(`${field}:`));
  return Number(line.split(/\s+/)[1]);
}

// The same words every time: a small generator with a fixed seed.
export function words(count, seed = 1) {
  let x = seed;
  const next = (n) => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x % n;
  };
  const letters = 'etaoinshrdlucmfwypvbgkjqxz';
  const out = [];
  for (let i = 0; i < count; i++) {
    let w = '';
    for (let k = 2 + next(8); k > 0; k--) w += letters[next(next(26) + 1)];
    out.push(i % 90 === 89 ? `${w}.\n\n` : w);
  }
  return out.join(' ');
}

// A publication with one section, "news"; `conf` is added to its settings.
export async function publication(folder, conf = '') {
  const port = await freePort();
  stet(['init', folder, '--name', 'The Bench', '--url', `http://127.0.0.1:${port}`, '--listen', `127.0.0.1:${port}`, '--quiet']);
  const file = join(folder, 'stet.conf');
  writeFileSync(file, readFileSync(file, 'utf8') + conf);
  const seed = `${folder}-seed`;
  mkdirSync(seed);
  writeFileSync(join(seed, 'publication.yaml'), 'name: bench\nsections:\n  - slug: news\n    name: News\n    description: ""\n');
  writeFileSync(join(seed, 'first.md'), '---\nheadline: First\nsection: news\npublished: 2026-01-02 03:04\n---\nText.\n');
  stet(['import', 'markdown', seed, '--dir', folder, '--quiet']);
  return {
    folder,
    port,
    async serve(...more) {
      const child = spawn(binary, ['serve', '--dir', folder, ...more], { stdio: 'ignore' });
      for (let i = 0; i < 2000; i++) {
        try {
          await (await fetch(`http://127.0.0.1:${port}/robots.txt`)).text();
          return child;
        } catch {
          await sleep(5);
        }
      }
      throw new Error('the server did not answer');
    },
  };
}

// One connection that asks one after another, as a browser does: {status, headers, ms, body}. `headers` go with each request.
export function client(port, always = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return (path, { method = 'GET', headers = {}, form } = {}) => {
    const body = form ? new URLSearchParams(form).toString() : undefined;
    return new Promise((resolve, reject) => {
      const at = performance.now();
      const r = request({ host: '127.0.0.1', port, path, agent, method, headers: { 'accept-encoding': 'br', ...always, ...headers,
        ...(body !== undefined ? { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body), 'sec-fetch-site': 'same-origin' } : {}) } }, (res) => {
        const parts = [];
        res.on('data', (d) => parts.push(d));
        res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, ms: performance.now() - at, body: Buffer.concat(parts) }));
      });
      r.on('error', reject);
      r.end(body);
    });
  };
}

// Once the server answers: the cookies of somebody who has signed in by password, in a browser with script.
export async function signedIn(port, address, password) {
  const ask = client(port);
  for (let i = 0; i < 400; i++) {
    try {
      await ask('/robots.txt');
      break;
    } catch {
      await sleep(20);
    }
  }
  const r = await ask('/sign-in', { method: 'POST', form: { address, password, script: '1' } });
  return r.headers['set-cookie'].filter((c) => !c.startsWith('stet_plain')).map((c) => c.split(';')[0]).join('; ');
}
