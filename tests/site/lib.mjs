// lib.mjs: what the site's tests share: a publication in a folder of its own, served by the real
// program on a free port, and the command line beside it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net, { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const fixtures = join(root, 'tests', 'fixtures');
export const binary = process.env.STET || join(root, 'build-asan', 'src', 'stet');

// Debian 12's Node has an older fetch. Our cookies have no commas.
Headers.prototype.getSetCookie ??= function getSetCookie() {
  return this.get('set-cookie')?.split(/, (?=[\w-]+=)/) ?? [];
};

// "localhost" may be two addresses, of which we serve one: Node gives the first a quarter of a second, which a busy machine
// does not always have, and fails where the second refuses.
net.setDefaultAutoSelectFamilyAttemptTimeout?.(60_000);

// Leaks of a program that ends are LeakSanitizer's to report, crashes everybody's.
export const env = { ...process.env, ASAN_OPTIONS: 'abort_on_error=0:detect_leaks=1', STET_DIR: '' };

// Listens, or finds that somebody does.
async function taken(port, host) {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
    return { server };
  } catch (e) {
    if (e.code === 'EADDRNOTAVAIL') return {}; // no such address here, so nothing is to be held at it
    if (e.code !== 'EADDRINUSE' && e.code !== 'EACCES') throw e;
    return null;
  }
}

// A port for a server that is still to start, and may be started again: lower than those that the kernel hands out to
// connections and to whoever asks for any, and held until this process ends, at an address of this machine that nothing else
// listens at, so that tests which run beside these do not take it.
const lowest = 10_100, ports = 5800;
let asked = process.pid * 37;
export async function freePort() {
  for (let tries = 0; tries < ports; tries++) {
    const port = lowest + asked++ % ports, held = await taken(port, '127.0.77.1');
    if (!held) continue;
    held.server?.unref();
    const free = await taken(port, '127.0.0.1');
    if (free) {
      free.server.close();
      await once(free.server, 'close');
      return port;
    }
    held.server?.close();
  }
  throw new Error('no port is free');
}

// Runs the program; never throws for its exit code.
export function stet(args, { input, timeout = 600_000, env: more = {} } = {}) {
  return new Promise((resolve) => {
    const child = execFile(binary, args, { env: { ...env, ...more }, timeout, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => resolve({
        code: error ? (error.code ?? -1) : 0, signal: error?.signal, stdout, stderr,
      }));
    child.stdin.on('error', () => {}); // it may end before it has read anything
    child.stdin.end(input ?? '');
  });
}

// Mustache escapes "/", "=" and "`" too; HTML does not ask for it.
export const plainly = (html) => html.replaceAll('&#x2F;', '/').replaceAll('&#x3D;', '=').replaceAll('&#x60;', '`');

export class Publication {
  // A new, empty publication; `conf` is added to its stet.conf. Passkeys want `host: 'localhost'`.
  static async make({ name = 'The Test', zone = 'America/Toronto', conf = '', host = '127.0.0.1' } = {}) {
    const p = new Publication();
    p.base = await mkdtemp(join(tmpdir(), 'stet-'));
    p.folder = join(p.base, 'pub');
    p.port = await freePort();
    p.url = `http://${host}:${p.port}`;
    const made = await stet(['init', p.folder, '--name', name, '--zone', zone, '--url', p.url,
      '--listen', `127.0.0.1:${p.port}`]);
    if (made.code !== 0) throw new Error(made.stderr);
    if (conf) {
      const file = join(p.folder, 'stet.conf');
      await writeFile(file, await readFile(file, 'utf8') + conf);
    }
    return p;
  }

  // The demonstration publication, imported once for the whole run, then copied.
  static async demo() {
    const p = await Publication.make({ name: 'The Averil Courier' });
    await p.run('import', 'markdown', join(root, 'examples', 'courier'), '--quiet');
    return p;
  }

  cli(args, options) {
    return stet([...args, '--dir', this.folder], options);
  }

  // Runs a verb that must succeed.
  async run(...args) {
    const done = await this.cli(args);
    if (done.code !== 0) throw new Error(`stet ${args.join(' ')}: ${done.code} ${done.signal ?? ''} ${done.stderr}`);
    return done.stdout;
  }

  // Writes a file beside the publication; its path.
  async file(name, content) {
    const path = join(this.base, name);
    await writeFile(path, content);
    return path;
  }

  async json(...args) {
    return JSON.parse(await this.run(...args, '--json'));
  }

  async serve(...more) {
    this.process = spawn(binary, ['serve', '--dir', this.folder, ...more], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.log = '';
    this.process.stdout.on('data', (d) => { this.log += d; });
    this.process.stderr.on('data', (d) => { this.log += d; });
    this.ended = once(this.process, 'exit');
    for (const end = Date.now() + 180_000; Date.now() < end;) {
      if (this.process.exitCode !== null || this.process.signalCode) throw new Error(`serve ended: ${this.log}`);
      try {
        await (await fetch(`${this.url}/robots.txt`)).arrayBuffer();
        return this;
      } catch {
        await new Promise((r) => setTimeout(r, 50));
      }
    }
    throw new Error(`serve did not answer: ${this.log}`);
  }

  // Stops gently; the exit code.
  async stop(signal = 'SIGTERM') {
    if (!this.process) return null;
    if (this.process.exitCode === null && !this.process.signalCode) this.process.kill(signal);
    const [code] = await this.ended;
    this.process = null;
    return code;
  }

  async end() {
    const code = await this.stop();
    await rm(this.base, { recursive: true, force: true, maxRetries: 9 }); // a browser that kept its profile here may still be ending
    if (code) throw new Error(`serve ended with ${code}: ${this.log}`);
  }

  get(path, options = {}) {
    return fetch(this.url + path, { redirect: 'manual', ...options });
  }

  async text(path) {
    return (await this.get(path)).text();
  }

  // A page with the characters that Mustache escapes beyond need written plainly again.
  async html(path) {
    return plainly(await this.text(path));
  }

  async view(path) {
    return (await this.get(path)).json();
  }

  async copy() {
    const p = new Publication();
    p.base = await mkdtemp(join(tmpdir(), 'stet-'));
    p.folder = join(p.base, 'pub');
    await cp(this.folder, p.folder, { recursive: true });
    p.port = this.port;
    p.url = this.url;
    return p;
  }
}

// Adds a section, which the command line has no verb for, by importing a folder that names it.
export async function withSections(p, ...slugs) {
  const dir = await mkdtemp(join(tmpdir(), 'stet-sections-'));
  const sections = slugs.map((s) => `  - slug: ${s}\n    name: ${s[0].toUpperCase()}${s.slice(1)}\n    description: ""`);
  await writeFile(join(dir, 'publication.yaml'), `name: sections\nsections:\n${sections.join('\n')}\n`);
  await writeFile(join(dir, 'first.md'), `---\nheadline: First of all\nsection: ${slugs[0]}\n---\nText.\n`);
  await p.run('import', 'markdown', dir, '--quiet');
  await rm(dir, { recursive: true });
}

// Chromium of Debian, or the one named; quiet about the closed network, patient with a busy machine (pictures are
// made when they are first asked for).
export async function chromium() {
  const { chromium: launcher } = await import('playwright-core');
  const browser = await launcher.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    timeout: 180_000,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
      '--disable-background-networking', '--disable-component-update'],
  });
  for (const name of ['newContext', 'newPage']) {
    const make = browser[name].bind(browser);
    browser[name] = async (options) => {
      const made = await make(options);
      made.setDefaultTimeout(180_000);
      return made;
    };
  }
  return browser;
}

// Until it is so, however slow the machine; `what` says what was waited for.
export async function until(so, what = so, seconds = 180) {
  for (const late = Date.now() + seconds * 1000; Date.now() < late;) {
    if (await so()) return;
    await new Promise((r) => setTimeout(r, 50));
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}

// Runs a verb with a time that comes `seconds` from now. A time that had passed before the program looked at it is
// refused (2), and one further away is taken; the time.
export async function soon(p, verb, seconds = 3) {
  for (;; seconds *= 2) {
    const at = new Date(Date.now() + seconds * 1000).toISOString(), done = await p.cli(verb(at));
    if (done.code === 0) return at;
    if (done.code !== 2 || Date.now() < Date.parse(at)) throw new Error(`stet ${verb(at).join(' ')}: ${done.code} ${done.stderr}`);
  }
}

// As page.waitForURL, which gives up where a second navigation takes the place of the first: a page that signs in may be led
// on by its own script and by the news of it at once.
export async function arrives(page, url) {
  for (;;) {
    try {
      return await page.waitForURL(url);
    } catch (e) {
      if (!/ERR_ABORTED/.test(e.message)) throw e;
    }
  }
}
