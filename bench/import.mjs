// import.mjs: WordPress exports of 1,000 and 10,000 posts: how long, and how much memory at most
// (VmHWM), which must not grow with the file.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, stet } from './lib.mjs';

const binary = process.env.STET || join(root, 'build', 'src', 'stet');
const sizes = (process.env.BENCH_POSTS || '1000,10000').split(',').map(Number);
const folder = mkdtempSync(join(tmpdir(), 'stet-bench-'));
console.log('| posts | export | time | goal | memory at most |');
console.log('|---:|---:|---:|---:|---:|');
for (const posts of sizes) {
  const file = join(folder, `${posts}.xml`);
  const made = spawn(process.execPath, [join(root, 'tests', 'fixtures', 'wordpress', 'generate.mjs'), String(posts)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const out = createWriteStream(file);
  made.stdout.pipe(out);
  await once(out, 'finish');
  const pub = join(folder, `pub-${posts}`);
  stet(['init', pub, '--quiet']);
  const begin = process.hrtime.bigint();
  const child = spawn(binary, ['import', 'wordpress', file, '--dir', pub, '--quiet'], { stdio: ['ignore', 'ignore', 'inherit'] });
  let peak = 0;
  const look = setInterval(() => {
    try {
      peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? peak);
    } catch { /* it ended */ }
  }, 50);
  const [code] = await once(child, 'exit');
  clearInterval(look);
  if (code !== 0) throw new Error(`import ended with ${code}`);
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  const goal = posts === 10000 ? '< 60 s' : '';
  console.log(`| ${posts} | ${(statSync(file).size / 1e6).toFixed(0)} MB | ${seconds.toFixed(1)} s | ${goal} | ${(peak / 1024).toFixed(0)} MB |`);
}
rmSync(folder, { recursive: true, force: true });
