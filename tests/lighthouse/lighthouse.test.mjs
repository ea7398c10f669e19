// lighthouse.test.mjs: accessibility, best practices and search engines' needs stand at 100 on the front page, a
// story, a live blog and the rest of what readers see. (Performance is a matter of time: bench/lighthouse.mjs.)
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Publication } from '../site/lib.mjs';
import { audit, wanting } from './audit.mjs';

const categories = ['accessibility', 'best-practices', 'seo'];
let p;
before(async () => {
  p = await Publication.demo();
  await p.serve();
});
after(() => p.end());

const paths = ['/', '/harbour', '/harbour/last-keeper'];
for (const desktop of [false, true])
  test(`every category but speed is at 100 ${desktop ? 'at a desk' : 'on a phone'}`, { timeout: 900_000 }, async () => {
    await audit(paths.map((path) => p.url + path), { categories, desktop }, (url, report) => {
      assert.equal(report.runtimeError, undefined, url);
      for (const category of categories)
        assert.equal(report.categories[category].score, 1, `${url} ${category}: ${wanting(report, category).join('\n')}`);
    });
  });
