// crash.test.mjs: the program killed at random moments, and a disk that fills: what was acknowledged
// is there, nothing is there by half.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Publication, binary, fixtures } from './lib.mjs';
import { counts, rows } from './db.mjs';
import { sql } from './readers.mjs';

const rounds = 20;
// The moments are random; SEED=N brings the same again.
const seed = Number(process.env.SEED) || 1 + Date.now() % 2147483646;
let last = seed;
const random = () => (last = (last * 48271) % 2147483647) / 2147483647;
// The record and what a second run notes of itself may differ; what readers and editors see may not.
const theirs = (p) => counts(p, ['entry', 'job']);

async function killed(args, ms) {
  const child = spawn(binary, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  const [code] = await ended;
  clearTimeout(timer);
  return code;
}

function wholeStories(p) {
  const half = rows(p, `SELECT s.slug FROM story s WHERE
    (SELECT count(*) FROM revision r WHERE r.story = s.id) <> s.revision
    OR NOT EXISTS (SELECT 1 FROM imported i WHERE i.kind = 'story' AND i.local = s.id)`);
  assert.deepEqual(half, [], 'every story came with its revision and the import’s books');
}

describe('kill -9', () => {
  let dir, file;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'stet-crash-'));
    file = join(dir, 'export.xml');
    await writeFile(file, execFileSync('node', [join(fixtures, 'wordpress', 'generate.mjs'), '120', '2'], { maxBuffer: 1 << 28 }));
  });
  after(() => rm(dir, { recursive: true }));

  test(`in the middle of an import, ${rounds} times: nothing is half there, and again completes it`, async (t) => {
    const sound = await Publication.make();
    const begun = Date.now();
    await sound.run('import', 'wordpress', file);
    const whole = Date.now() - begun, wanted = theirs(sound);
    await sound.end();
    let cut = 0;
    // How long a first run and a second take now: one that ends by itself tells, since machines are not always as fast.
    const spans = [whole, whole];
    t.diagnostic(`SEED=${seed}`);
    for (let i = 0; i < rounds || (cut < rounds && i < 10 * rounds); i++) {
      const p = await Publication.make();
      for (let k = 0; k < 2; k++) {
        const from = Date.now();
        if (await killed(['import', 'wordpress', file, '--dir', p.folder, '--quiet'], 5 + random() * spans[k]) === null) cut++;
        else spans[k] = Date.now() - from;
        const doctor = await p.cli(['doctor']);
        assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
        wholeStories(p);
      }
      await p.run('import', 'wordpress', file);
      assert.deepEqual(theirs(p), wanted);
      await p.end();
    }
    t.diagnostic(`${cut} runs were cut short`);
    assert.ok(cut >= rounds);
  });

  test('between what was brought and the note of it: the next run makes the note', async () => {
    const p = await Publication.make();
    await p.run('import', 'wordpress', file);
    const wanted = rows(p, 'SELECT * FROM imported ORDER BY source, kind, foreign_id');
    sql(p, "DELETE FROM imported WHERE kind = 'author'");
    const again = await p.json('import', 'wordpress', file);
    assert.deepEqual([again.added, again.updated], [0, 0]);
    assert.deepEqual(rows(p, 'SELECT * FROM imported ORDER BY source, kind, foreign_id'), wanted);
    await p.end();
  });

  test('in the middle of writing: every change that was acknowledged is there', async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const p = await Publication.make();
    const one = join(dir, 'one.md');
    await writeFile(join(dir, 'publication.yaml'), 'name: x\nsections:\n  - slug: city\n    name: City\n');
    await writeFile(one, '---\nheadline: The first\nsection: city\n---\nText.\n');
    await p.run('import', 'markdown', dir);
    const begun = Date.now();
    await p.run('story', 'edit', 'one', '--headline', 'Edited');
    const whole = 1.2 * (Date.now() - begun);
    let revision = 2;
    for (let i = 0; i < rounds * 2; i++) {
      const fresh = join(dir, `n${i}.txt`);
      await writeFile(fresh, `---\nheadline: Story ${i}\nsection: city\ntags: [t${i}, u]\nauthors: [Ann Lee]\n---\nText ${i}.\n`);
      const made = await killed(['story', 'new', fresh, '--dir', p.folder], 2 + random() * whole);
      const edited = await killed(['story', 'edit', 'one', '--headline', `Edit ${i}`, '--dir', p.folder], 2 + random() * whole);
      assert.equal((await p.cli(['doctor'])).code, 0);
      const [story] = rows(p, `SELECT s.headline, s.revision, (SELECT count(*) FROM story_tag x WHERE x.story = s.id) AS tags,
        (SELECT count(*) FROM story_author x WHERE x.story = s.id) AS authors, (SELECT count(*) FROM revision r WHERE r.story = s.id) AS revisions
        FROM story s WHERE s.slug = 'story-${i}'`);
      if (made === 0) assert.ok(story, 'what was acknowledged is there');
      if (story) assert.deepEqual(story, { headline: `Story ${i}`, revision: 1, tags: 2, authors: 1, revisions: 1 });
      const [first] = rows(p, "SELECT headline, revision, (SELECT count(*) FROM revision r WHERE r.story = s.id) AS revisions FROM story s WHERE slug = 'one'");
      assert.equal(first.revisions, first.revision);
      if (edited === 0) assert.equal(first.headline, `Edit ${i}`);
      assert.ok(first.revision === revision || (first.revision === revision + 1 && first.headline === `Edit ${i}`));
      revision = first.revision;
    }
    await p.end();
  });
});

// A small file system of our own: as root at once, else in a name space of our own.
function enclosed() {
  for (const how of [['unshare', '-m'], ['unshare', '-rm']]) {
    try {
      execFileSync(how[0], [...how.slice(1), 'sh', '-c', 'mount -t tmpfs -o size=1m none /mnt'], { stdio: 'ignore' });
      return how;
    } catch { /* the next way */ }
  }
  return null;
}

const way = enclosed();
test('a full disk is an error that says so, loses nothing, and is over when there is space',
  { skip: way ? false : 'neither root nor user name spaces are to be had here' }, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'stet-full-'));
    const export_ = join(dir, 'export.xml');
    try {
      await writeFile(export_, execFileSync('node', [join(fixtures, 'wordpress', 'generate.mjs'), '400', '2'], { maxBuffer: 1 << 28 }));
      const script = `
        set -u
        mkdir -p "$D/m"; mount -t tmpfs -o size=3m none "$D/m" || exit 99
        P=$D/m/pub; S=$BINARY
        "$S" init "$P" --name T --zone UTC --url http://127.0.0.1:1 --quiet || exit 98
        printf -- '---\\nheadline: Kept\\nsection: city\\n---\\nText.\\n' > "$D/kept.md"
        mkdir "$D/first"; cp "$D/kept.md" "$D/first/"
        printf 'name: x\\nsections:\\n  - slug: city\\n    name: City\\n' > "$D/first/publication.yaml"
        "$S" import markdown "$D/first" --dir "$P" --quiet || exit 97
        dd if=/dev/zero of="$D/m/ballast" bs=1k count=1000 2>/dev/null
        "$S" import wordpress "$D/export.xml" --dir "$P" --quiet 2> "$D/import.err"; echo "import $?"
        dd if=/dev/zero of="$D/m/ballast2" bs=1k 2>/dev/null
        head -c 200000 /dev/zero | tr '\\0' 'x' > "$D/long.txt"
        i=0; code=0
        while [ $i -lt 20 ] && [ $code -eq 0 ]; do
          "$S" story new --headline "More $i" --section city --body "$D/long.txt" --dir "$P" --quiet 2> "$D/new.err"; code=$?; i=$((i + 1))
        done
        echo "new $code"
        rm -f "$D/m/ballast" "$D/m/ballast2"
        "$S" doctor --dir "$P" > "$D/doctor.out" 2>&1; echo "doctor $?"
        "$S" story show kept --dir "$P" > /dev/null; echo "kept $?"
        "$S" story new --headline "Afterwards" --section city --body "$D/kept.md" --dir "$P" --quiet; echo "afterwards $?"
      `;
      const out = execFileSync(way[0], [...way.slice(1), 'sh', '-c', script],
        { encoding: 'utf8', env: { ...process.env, D: dir, BINARY: binary }, timeout: 600_000 });
      const codes = Object.fromEntries(out.trim().split('\n').map((l) => l.split(' ')));
      const errors = execFileSync('sh', ['-c', 'cat "$1"/*.err "$1"/doctor.out', 'sh', dir], { encoding: 'utf8' });
      assert.deepEqual(codes, { import: '7', new: '7', doctor: '0', kept: '0', afterwards: '0' }, errors);
      assert.match(errors, /full|no space/i);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
