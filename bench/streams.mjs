// streams.mjs: what 5,000 open event streams cost in memory: the server's VmRSS before and after, with
// a site of fixed answers on our HTTP room (bench/http/serve.c), since no page of the first edition
// has a stream yet.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, root, sleep, status, stop } from './lib.mjs';

const count = Number(process.env.BENCH_STREAMS || 5000);
const port = await freePort();
const server = spawn(join(root, 'build', 'bench', 'bench_serve'), [String(port)], { stdio: 'ignore' });
await sleep(500);
const before = status(server.pid, 'VmRSS');
const sockets = [];
let begun = 0;
for (let i = 0; i < count; i++) {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', resolve);
  });
  socket.once('data', () => { begun++; });
  socket.write('GET /events HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n');
  sockets.push(socket);
}
for (let i = 0; i < 200 && begun < count; i++) await sleep(50);
await sleep(500);
const after = status(server.pid, 'VmRSS');
console.log('| open event streams | memory for them | for each | goal | how |');
console.log('|---:|---:|---:|---:|---|');
console.log(`| ${begun} | ${((after - before) / 1024).toFixed(1)} MB | ${((after - before) / begun).toFixed(2)} KB | < 20 MB | VmRSS of the server, before and after |`);
for (const socket of sockets) socket.destroy();
await stop(server);
