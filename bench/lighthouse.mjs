// lighthouse.mjs: Lighthouse's four categories on the front page, a story and the live blog of the demonstration, on a
// phone and at a desk, served by the release build. Its speed is computed for a simulated slow phone, but a busy machine
// shows in it: medians of BENCH_ROUNDS.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, median, root, sleep, stet, stop } from './lib.mjs';

const rounds = Number(process.env.BENCH_ROUNDS || 3);
const tools = join(root, 'tests', 'lighthouse');
if (!existsSync(join(tools, 'node_modules'))) execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: tools, stdio: ['ignore', 2, 2] });
const { audit } = await import(join(tools, 'audit.mjs'));

const work = mkdtempSync(join(tmpdir(), 'stet-lighthouse-'));
const folder = join(work, 'pub');
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
stet(['init', folder, '--name', 'The Averil Courier', '--tagline', 'Independent, and paid for by its readers', '--zone', 'America/Toronto', '--url', url, '--listen', `127.0.0.1:${port}`, '--quiet']);
stet(['import', 'markdown', join(root, 'examples', 'courier'), '--dir', folder, '--quiet']);
const server = spawn(process.env.STET || join(root, 'build', 'src', 'stet'), ['serve', '--dir', folder], { stdio: 'ignore' });

const categories = ['performance', 'accessibility', 'best-practices', 'seo'];
const live = JSON.parse(stet(['story', 'list', '--json', '--limit', '1000', '--dir', folder])).find((s) => s.live);
const paths = ['/', '/harbour/last-keeper', ...(live ? [live.path] : [])];
for (let i = 0; i < 200; i++) { // pictures are there before they are asked for
  await sleep(3000);
  if (!JSON.parse(execFileSync('sqlite3', [join(folder, 'stet.db'), "SELECT count(*) FROM job WHERE kind LIKE 'media%'"], { encoding: 'utf8' }))) break;
}
console.log(`| page | ${categories.join(' | ')} |`);
console.log(`|---|${categories.map(() => '---:|').join('')}`);
for (const desktop of [false, true])
  for (const path of paths) {
    const scores = Object.fromEntries(categories.map((c) => [c, []]));
    for (let i = 0; i < rounds; i++)
      await audit([url + path], { categories, desktop }, (_, report) => {
        for (const c of categories) scores[c].push(Math.round(100 * report.categories[c].score));
      });
    console.log(`| ${path} ${desktop ? 'at a desk' : 'on a phone'} | ${categories.map((c) => median(scores[c])).join(' | ')} |`);
  }
await stop(server);
rmSync(work, { recursive: true, force: true });
