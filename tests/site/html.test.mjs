// html.test.mjs: every kind of page is valid HTML by a validator that is not ours.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { Publication, fixtures, plainly } from './lib.mjs';
import { kinds, many, newsroom } from './newsroom.mjs';

const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  rules: {
    'long-title': 'off', // headlines are the newsroom's; a search engine cuts them by itself
    'no-trailing-whitespace': 'off', // bytes of templates, which brotli makes nothing of
    'void-style': ['error', { style: 'omit' }],
    'tel-non-breaking': 'off', // of numbers in running text that editors wrote
    'no-raw-characters': ['error', { relaxed: true }], // as HTML allows: "&" that begins no reference
    'no-inline-style': 'error',
    'require-sri': 'off', // nothing comes from another host
  },
});

async function validate(p, path) {
  const html = plainly(await p.text(path));
  const report = await validator.validateString(html);
  const lines = html.split('\n');
  return report.results.flatMap((r) => r.messages)
    .map((m) => `${path}:${m.line} ${m.ruleId}: ${m.message} | ${lines[m.line - 1]?.slice(0, 160)}`);
}

// At most `most` addresses of the sitemap: those of the first kinds of content, then evenly chosen.
async function addresses(p, most) {
  const all = (await p.json('story', 'list', '--limit', '100000'))
    .filter((s) => s.state === 'published').map((s) => s.path);
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(most, all.length) }, (_, i) => all[Math.floor(i * step)]);
}

async function allValid(p, paths) {
  const found = [];
  for (const path of paths) found.push(...await validate(p, path));
  assert.deepEqual(found, []);
}

describe('valid HTML', () => {
  test('of every kind of page', async (t) => {
    const p = await newsroom({ extra: many(12), conf: '\nlist_stories = 5\n' });
    t.after(() => p.end());
    await p.serve();
    const older = (await p.view('/harbour.json')).older;
    await allValid(p, [...Object.values(kinds), older]);
  });

  test('of the demonstration', async (t) => {
    const p = await Publication.demo();
    t.after(() => p.end());
    await p.serve();
    const view = await p.view('/index.json');
    await allValid(p, ['/', ...view.site.sections.map((s) => s.url), ...view.site.pages.map((s) => s.url), ...await addresses(p, 40)]);
  });

  test('of everything that came from WordPress', async (t) => {
    const p = await Publication.make();
    t.after(() => p.end());
    await p.run('import', 'wordpress', join(fixtures, 'wordpress', 'export.xml'), '--media',
      join(fixtures, 'wordpress', 'wp-content', 'uploads'), '--quiet');
    await p.serve();
    await allValid(p, ['/', ...(await p.view('/index.json')).site.sections.map((s) => s.url), ...await addresses(p, 200)]);
  });

  test('of everything that came from Ghost', async (t) => {
    const p = await Publication.make();
    t.after(() => p.end());
    await p.run('import', 'ghost', join(fixtures, 'ghost', 'export-5.json'), '--media', join(fixtures, 'ghost', 'content'), '--quiet');
    await p.serve();
    await allValid(p, ['/', ...(await p.view('/index.json')).site.sections.map((s) => s.url), ...await addresses(p, 200)]);
  });
});
