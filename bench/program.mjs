// program.mjs: the program by itself: a page that is not cached, how soon it answers, what it
// holds in memory. No reference program does the same; the numbers stand beside their goals.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clockTicks, median, publication, root, sleep, status, stet, stop, words } from './lib.mjs';

const folder = mkdtempSync(join(tmpdir(), 'stet-bench-'));
const p = await publication(join(folder, 'pub'));
writeFileSync(join(folder, 'story.md'), `---\nheadline: Nine hundred words\nsection: news\nauthors: [Ann Lee]\ntags: [One, Two]\n---\n${words(900)}\n`);
stet(['story', 'new', join(folder, 'story.md'), '--publish', '--dir', p.folder]);
const path = '/news/nine-hundred-words';

function cpu(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const f = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(f[11]) + Number(f[12])) / clockTicks;
}

let agent = new Agent({ keepAlive: true, maxSockets: 1 });
const ask = (where) => new Promise((resolve, reject) => {
  get({ port: p.port, host: '127.0.0.1', path: where, agent, headers: { 'accept-encoding': 'br' } }, (res) => {
    res.resume();
    res.on('end', () => resolve(res.statusCode));
  }).on('error', reject);
});

console.log('| what | measured | goal | how |');
console.log('|---|---:|---:|---|');

// In development every request is rendered and compressed anew; looking whether the theme changed
// comes on top, so this is a little more than a page costs in service.
{
  const server = await p.serve('--dev', join(root, 'theme'));
  for (let i = 0; i < 50; i++) await ask(path);
  const n = 2000, before = cpu(server.pid);
  for (let i = 0; i < n; i++) await ask(path);
  const ms = (cpu(server.pid) - before) / n * 1000;
  console.log(`| a 900-word story rendered and compressed anew | ${ms.toFixed(2)} ms CPU | < 1 ms | ${n} requests to \`serve --dev\`, /proc/PID/stat |`);
  agent.destroy();
  await stop(server);
}

// From the call of the program to the first byte of a page.
{
  const times = [];
  for (let i = 0; i < 11; i++) {
    const begin = process.hrtime.bigint();
    const server = spawn(process.env.STET || join(root, 'build', 'src', 'stet'), ['serve', '--dir', p.folder], { stdio: 'ignore' });
    await new Promise((resolve) => {
      const attempt = () => {
        const socket = connect(p.port, '127.0.0.1');
        socket.on('error', () => setTimeout(attempt, 1));
        socket.on('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
        socket.once('data', () => {
          times.push(Number(process.hrtime.bigint() - begin) / 1e6);
          socket.destroy();
          resolve();
        });
      };
      attempt();
    });
    await stop(server);
  }
  console.log(`| start to first answer | ${median(times).toFixed(0)} ms | < 100 ms | median of ${times.length} starts, first byte of a story |`);
}

{
  const server = await p.serve();
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await sleep(500);
  const fresh = status(server.pid, 'VmRSS') / 1024;
  for (const one of ['/', '/news', path, '/rss.xml']) await ask(one);
  const used = status(server.pid, 'VmRSS') / 1024;
  console.log(`| idle memory after start | ${fresh.toFixed(1)} MB | < 30 MB | VmRSS |`);
  console.log(`| the same after pages were shown | ${used.toFixed(1)} MB | < 30 MB | VmRSS |`);
  agent.destroy();
  await stop(server);
}
rmSync(folder, { recursive: true, force: true });
