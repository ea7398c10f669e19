// words.mjs: 10,000 listed words in comments of 500 characters, beside memmem over the same list (bench/forum/words.c). The
// comments are the demonstration's stories, cut.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { median, root } from './lib.mjs';

const folder = join(root, 'examples', 'courier');
const text = readdirSync(folder, { recursive: true }).filter((f) => f.endsWith('.md')).sort()
  .map((f) => readFileSync(join(folder, f), 'utf8').replace(/^---\n.*?\n---\n/s, '')).join('\n');
const out = execFileSync(join(root, 'build', 'bench', 'bench_words'), ['10000', '7'], { input: text, encoding: 'utf8' });
const [about, ...rounds] = out.trim().split('\n');
const of = (name) => median(rounds.map((l) => Number(l.match(new RegExp(`${name} ([\\d.]+)`))[1])));
console.log(about);
console.log('| | µs a comment |\n|---|---:|');
console.log(`| folded | ${of('fold')} |\n| folded, and all words looked for | ${of('all')} |\n| memmem, once for each word | ${of('memmem')} |`);
console.log(`\nratio ${of('ratio')}`);
