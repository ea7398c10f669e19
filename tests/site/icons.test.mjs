// icons.test.mjs: the icons that programs look for without asking the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Publication, chromium } from './lib.mjs';

test('/favicon.ico and /apple-touch-icon.png are the theme’s own, of the right types, and are kept', async () => {
  const p = await Publication.make();
  const browser = await chromium();
  try {
    await p.serve();
    const page = await browser.newPage();
    await page.goto(`${p.url}/`);
    for (const [path, type, side] of [['/favicon.ico', 'image/x-icon', 192], ['/apple-touch-icon.png', 'image/png', 180], ['/apple-touch-icon-precomposed.png', 'image/png', 180]]) {
      const r = await p.get(path);
      assert.equal(r.status, 200, path);
      assert.equal(r.headers.get('content-type'), type);
      const etag = r.headers.get('etag');
      assert.equal((await p.get(path, { headers: { 'if-none-match': etag } })).status, 304, path);
      const shown = await page.evaluate((src) => new Promise((resolve, reject) => {
        const image = new Image();
        image.onload = () => resolve([image.naturalWidth, image.naturalHeight]);
        image.onerror = () => reject(new Error('no image'));
        image.src = src;
      }), path);
      assert.deepEqual(shown, [side, side], path);
    }
    const touch = Buffer.from(await (await p.get('/apple-touch-icon.png')).arrayBuffer());
    const linked = (await p.html('/')).match(/rel="apple-touch-icon" href="([^"]+)"/)[1];
    assert.deepEqual(touch, Buffer.from(await (await p.get(linked)).arrayBuffer()), 'the one that pages name');
  } finally {
    await browser.close();
    await p.end();
  }
});
