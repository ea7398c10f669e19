// people.test.mjs: the pages of an account in a browser: what axe-core finds, and narrow screens.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { chromium } from './lib.mjs';
import { Client, readersPublication } from './readers.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let p, browser, c, me;
before(async () => {
  p = await readersPublication({ conf: 'private_calls = allow\nproviders = Example=http://127.0.0.1:9/ courier\n' });
  c = new Client(p);
  me = await c.register('Perla Page', 'perla@example.org');
  const friend = new Client(p);
  const { url } = await friend.register('Frida Friend', 'frida@example.org');
  await friend.post(`${me.url}/follow`);
  await c.post(`${url}/follow`);
  browser = await chromium();
});
after(async () => {
  await browser?.close();
  await p.end();
});

async function open(width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  await context.addCookies([...c.cookies].map(([name, value]) => ({ name, value, url: p.url.replace('http:', 'https:'), secure: true })));
  return context.newPage();
}
const paths = () => ['/account', '/account/profile', '/account/address', '/account/copy', '/account/delete', '/account/factor', me.url];

for (const [width, scheme] of [[390, 'light'], [1280, 'dark']])
  test(`axe finds nothing on an account's pages, ${width} px wide, ${scheme}`, async () => {
    const page = await open(width, scheme);
    for (const path of paths()) {
      const answer = await page.goto(p.url + path);
      assert.equal(answer.status(), 200, path);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } }));
      assert.deepEqual(violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary}`)), [], path);
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${width}${path.replaceAll('/', '-')}.png`, fullPage: true });
    }
    await page.context().close();
  });

test('nothing is wider than a narrow screen', async () => {
  const page = await open(320, 'light');
  for (const path of paths()) {
    await page.goto(p.url + path);
    const { wide, width } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, width: document.documentElement.clientWidth }));
    assert.ok(wide <= width, `${path}: ${wide} > ${width}`);
  }
  await page.context().close();
});

test('the button on a reader\'s page knows whom one follows, and the page is everybody\'s', async () => {
  const page = await open(1280, 'light');
  const { following } = await (await c.get(`${me.url}.json`)).json();
  await page.context().clearCookies({ name: 'stet_plain' });
  await page.goto(p.url + following[0].url);
  await page.getByRole('button', { name: 'Stop following' }).click();
  await page.getByRole('button', { name: 'Follow', exact: true }).waitFor();
  await page.goto(p.url + me.url);
  await page.waitForFunction(() => document.querySelector('[data-follow]')?.hidden !== false);
  await page.context().close();
});
