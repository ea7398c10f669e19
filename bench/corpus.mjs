// corpus.mjs: publications of any size for the benches, the same each time: stories of 300 to 900 words whose words,
// tags and authors are spread as Zipf says, five sections, three years. Made by importing a folder, so it is what a newsroom would
// have, and kept in BENCH_SCRATCH for the next run whose store has the same tables.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, stet } from './lib.mjs';

// A small generator with a fixed seed (a linear congruence, upper bits).
export function dice(seed) {
  let x = seed >>> 0;
  const next = () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x / 2 ** 32;
  };
  return { next, below: (n) => Math.floor(next() * n) };
}

// Ranks from 0, the first most often: P(rank) falls as 1/(rank + 1).
export function zipf(n) {
  const sums = new Float64Array(n);
  let sum = 0;
  for (let i = 0; i < n; i++) sums[i] = sum += 1 / (i + 1);
  return (d) => {
    const want = d.next() * sum;
    let low = 0, high = n - 1;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (sums[mid] < want) low = mid + 1;
      else high = mid;
    }
    return low;
  };
}

const WORDS = 30000;
export function vocabulary() {
  const d = dice(7);
  const starts = 'b c d f g h l m n p r s t v st pr tr br cl sh ch'.split(' '), vowels = 'a e i o u ea ou ai'.split(' '), ends = ['', 'n', 'r', 's', 't', 'l', 'nd', 'ng'];
  const seen = new Set();
  while (seen.size < WORDS) {
    let w = '';
    for (let k = 1 + d.below(3); k > 0; k--) w += starts[d.below(starts.length)] + vowels[d.below(vowels.length)] + (k === 1 ? ends[d.below(ends.length)] : '');
    seen.add(w);
  }
  return [...seen];
}

export const sections = ['city', 'world', 'culture', 'sport', 'science'];

export function storyAt(i, count, words, pick) {
  const d = dice(i * 2654435761 + 1);
  const some = (n) => Array.from({ length: n }, () => words[pick(d)]).join(' ');
  const sentence = () => {
    const s = some(6 + d.below(18));
    return `${s[0].toUpperCase()}${s.slice(1)}.`;
  };
  const paragraphs = Array.from({ length: 8 + d.below(14) }, () => Array.from({ length: 2 + d.below(3) }, sentence).join(' '));
  const at = new Date(Date.UTC(2023, 10, 1) + (i / count) * 3 * 365 * 86400e3);
  const section = sections[d.below(sections.length)];
  return {
    slug: `story-${i}`,
    section,
    path: `/${section}/story-${i}`,
    file: `---\nheadline: "${some(7).replace(/^./, (c) => c.toUpperCase())}"\nslug: story-${i}\nstandfirst: "${sentence()}"\nsection: ${section}\n` +
      `authors: [author-${zipf40(d)}]\ntags: [tag-${zipf500(d)}, tag-${zipf500(d)}]\npublished: ${at.toISOString().slice(0, 19)}Z\n---\n${paragraphs.join('\n\n')}\n`,
  };
}
const zipf40 = zipf(40), zipf500 = zipf(500);

// A publication of `count` stories; {folder, paths}. The folder is the bench's to change if `copyOf` is not asked for.
export function corpus(count) {
  const tables = join(root, 'sql', 'sqlite');
  const hash = createHash('sha256');
  for (const file of readdirSync(tables).sort()) hash.update(readFileSync(join(tables, file)));
  const made = hash.digest('hex').slice(0, 12);
  const scratch = process.env.BENCH_SCRATCH || join(tmpdir(), 'stet-bench-corpus');
  const folder = join(scratch, `corpus-${count}-${made}`);
  const words = vocabulary(), pick = zipf(WORDS);
  const paths = [];
  const make = !existsSync(folder);
  const source = `${folder}-source`;
  if (make) {
    rmSync(source, { recursive: true, force: true });
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, 'publication.yaml'), `name: bench\nsections:\n${sections.map((s) => `  - slug: ${s}\n    name: ${s}\n    description: ""`).join('\n')}\n`);
  }
  for (let i = 0; i < count; i++) {
    const s = storyAt(i, count, words, pick);
    paths.push(s.path);
    if (!make) continue;
    const below = join(source, String(Math.floor(i / 1000)));
    if (i % 1000 === 0) mkdirSync(below);
    writeFileSync(join(below, `${s.slug}.md`), s.file);
  }
  if (make) {
    rmSync(`${folder}.new`, { recursive: true, force: true });
    stet(['init', `${folder}.new`, '--name', 'The Bench', '--quiet']);
    stet(['import', 'markdown', source, '--dir', `${folder}.new`, '--quiet']);
    renameSync(`${folder}.new`, folder);
    rmSync(source, { recursive: true });
  }
  return { folder, paths };
}
