// db.mjs: what stands in a publication's database, read beside the program with Debian's sqlite3.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

export function rows(p, sql) {
  const out = execFileSync('sqlite3', ['-json', '-cmd', '.timeout 20000', join(p.folder, 'stet.db'), sql], { encoding: 'utf8', maxBuffer: 1 << 28 });
  // Ids are 63 bits long: more than a number of JavaScript holds, so they are texts here.
  return out.trim() ? JSON.parse(out.replace(/":(-?\d{17,})(?=[,}])/g, '":"$1"')) : [];
}

const tables = ['story', 'revision', 'section', 'tag', 'author', 'story_author', 'story_tag', 'media',
  'correction', 'redirect', 'imported', 'imported_comment', 'entry', 'job'];

export const counts = (p, skip = []) => Object.fromEntries(tables.filter((t) => !skip.includes(t))
  .map((t) => [t, rows(p, `SELECT count(*) AS n FROM ${t}`)[0].n]));

// A hash of every row of every table.
export function content(p) {
  const dump = execFileSync('sqlite3', ['-cmd', '.timeout 20000', join(p.folder, 'stet.db'), '.dump'], { maxBuffer: 1 << 30 });
  return createHash('sha256').update(dump).digest('hex');
}
