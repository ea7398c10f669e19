// weigh.mjs: what a page costs a reader who has nothing of it yet: bytes over the wire before pictures, and the
// faces it asks for.
export async function weigh(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage(), cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  const kinds = new Map(), faces = new Set(), asked = new Set(); // asked: faces that did not come yet
  let bytes = 0;
  cdp.on('Network.requestWillBeSent', (e) => {
    kinds.set(e.requestId, e.type);
    if (e.type !== 'Font') return;
    faces.add(e.request.url);
    asked.add(e.requestId);
  });
  cdp.on('Network.loadingFinished', (e) => {
    if (kinds.get(e.requestId) !== 'Image') bytes += e.encodedDataLength;
    asked.delete(e.requestId);
  });
  cdp.on('Network.loadingFailed', (e) => asked.delete(e.requestId));
  await page.goto(url, { waitUntil: 'networkidle' });
  // A face is asked for once its words are laid out, which a busy machine may do later than the rest.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => document.fonts.ready.then(() => done())))));
  while (asked.size) await new Promise((done) => setTimeout(done, 20));
  await context.close();
  return { bytes, faces: faces.size };
}
