// words.mjs: 10,000 listed words in comments of 500 characters, beside memmem over the same list (bench/forum/words.c). The
// comments are the demonstration's stories, cut. Then the nearest of 50,000 comments, beside looking at each, and what an opinion
// of the classifier takes (bench/forum/near.c).
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { median, root } from './lib.mjs';

const folder = join(root, 'examples', 'courier');
const text = readdirSync(folder, { recursive: true }).filter((f) => f.endsWith('.md')).sort()
  .map((f) => readFileSync(join(folder, f), 'utf8').replace(/^---\n.*?\n---\n/s, '')).join('\n');

function rounds(program, args, input) {
  const out = execFileSync(join(root, 'build', 'bench', program), args, { input, encoding: 'utf8' });
  const [about, ...lines] = out.trim().split('\n');
  console.log(about);
  return (name) => median(lines.map((l) => Number(l.match(new RegExp(`${name} ([\\d.]+)`))[1])));
}

let of = rounds('bench_words', ['10000', '7'], text);
console.log('\n| | µs a comment |\n|---|---:|');
console.log(`| folded | ${of('fold')} |\n| folded, and all words looked for | ${of('all')} |\n| memmem, once for each word | ${of('memmem')} |`);
console.log(`\nratio ${of('ratio')}\n`);
of = rounds('bench_near', ['5'], '');
console.log('\n| | µs a comment |\n|---|---:|');
console.log(`| the nearest of 50,000, by bands | ${of('near')} |\n| by looking at each | ${of('looking')} |\n| an opinion of the classifier | ${of('opinion')} |`);
console.log(`\nratio ${of('ratio')}`);
