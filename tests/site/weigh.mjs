// weigh.mjs: what a page costs a reader who has nothing of it yet: bytes over the wire before pictures, and the
// faces it asks for.
export async function weigh(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage(), cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  const kinds = new Map(), faces = new Set();
  let bytes = 0;
  cdp.on('Network.requestWillBeSent', (e) => {
    kinds.set(e.requestId, e.type);
    if (e.type === 'Font') faces.add(e.request.url);
  });
  cdp.on('Network.loadingFinished', (e) => { if (kinds.get(e.requestId) !== 'Image') bytes += e.encodedDataLength; });
  await page.goto(url, { waitUntil: 'networkidle' });
  await context.close();
  return { bytes, faces: faces.size };
}
