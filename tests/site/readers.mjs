// readers.mjs: a publication that keeps its mail, and readers without a browser: what a form does, by hand.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Publication, plainly } from './lib.mjs';

// Each client has a network address of its own, told by a proxy that is believed. At localhost, since Secure cookies and passkeys need a trustworthy name.
export async function readersPublication(options = {}) {
  const p = await Publication.make({ host: 'localhost', ...options, conf: `\nsmtp = outbox\ntrusted_proxies = 127.0.0.0/8, ::1\n${options.conf ?? ''}` });
  // Tests write quickly, and again and again.
  if (!options.rules) await p.run('forum', 'rules', 'wait_seconds', '0', 'newcomer_wait_seconds', '0', 'newcomer_day', '0', 'typing_seconds', '0', 'newcomer_mentions', '-1');
  if (options.serve !== false) await p.serve();
  return p;
}

// The letters in the outbox, oldest first: { id, to, subject, text, link, code }.
export async function letters(p) {
  const folder = join(p.folder, 'outbox');
  const names = (await readdir(folder).catch(() => [])).filter((n) => n.endsWith('.eml')).sort();
  return Promise.all(names.map(async (name) => letter(name.slice(0, -4), await readFile(join(folder, name), 'utf8'))));
}

function letter(id, bytes) {
  const part = bytes.split('--=_parts')[1] ?? bytes;
  const text = part.slice(part.indexOf('\r\n\r\n') + 4).replaceAll('=\r\n', '')
    .replace(/(=[0-9A-F]{2})+/g, (m) => Buffer.from(m.replaceAll('=', ''), 'hex').toString()).replaceAll('\r\n', '\n');
  return {
    id, bytes, text,
    to: /^To: <(.*)>\r$/m.exec(bytes)?.[1],
    subject: text.split('\n')[0],
    link: /https?:\/\/\S+\/mail\/\S+/.exec(text)?.[0],
    code: /\b(\d{4} \d{4})$/m.exec(text)?.[1],
  };
}

// What `find` finds among the letters to an address, once it finds something: letters are written after the answer that promises them.
async function found(p, address, what, find) {
  for (const end = Date.now() + 180_000; Date.now() < end;) {
    const one = find((await letters(p)).filter((l) => l.to === address));
    if (one) return one;
    await new Promise((r) => setTimeout(r, 50));
  }
  throw new Error(`no letter ${what} to ${address}: ${p.log}`);
}

// The letter of that number to an address, once there are so many to it.
export const letterTo = (p, address, count = 1) => found(p, address, count, (all) => all[count - 1]);

// The first letter to an address that `is` says yes to.
export const letterThat = (p, address, is) => found(p, address, is, (all) => all.find(is));

let clients = 0;

// A browser as far as cookies and forms go.
export class Client {
  constructor(p, headers = {}) {
    this.p = p;
    this.cookies = new Map();
    this.headers = { 'x-forwarded-for': `198.51.${clients >> 8}.${clients++ & 255}`, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', ...headers };
  }

  async send(method, path, { form, json, headers = {} } = {}) {
    const cookie = [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
    const response = await fetch(path.startsWith('http') ? path : this.p.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...this.headers,
        ...(cookie ? { cookie } : {}),
        ...(method === 'GET' ? {} : { 'sec-fetch-site': 'same-origin' }),
        ...(json ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      body: json ? JSON.stringify(json) : form ? new URLSearchParams(form) : undefined,
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split('; ');
      const at = pair.indexOf('=');
      if (attributes.some((a) => a.toLowerCase() === 'max-age=0')) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  get(path, options) { return this.send('GET', path, options); }
  post(path, form = {}, options = {}) { return this.send('POST', path, { form, ...options }); }
  async html(path) { return plainly(await (await this.get(path)).text()); }
  async me() { return (await this.get('/me.json')).json(); }
  get session() { return this.cookies.get('__Host-stet'); }

  // Registers and confirms by the code; the name the site knows.
  async register(name, address, more = {}) {
    const before = new Set((await letters(this.p)).map((l) => l.id));
    const sent = await this.post('/register', { name, address, way: 'mail', ...more });
    if (sent.status !== 303) throw new Error(`register: ${sent.status} ${await sent.text()}`);
    const mail = await letterThat(this.p, address, (l) => l.code && !before.has(l.id));
    const done = await this.post('/mail-code', { code: mail.code });
    if (done.status !== 303) throw new Error(`code: ${done.status} ${await done.text()}`);
    return this.me();
  }
}

let forgeries = 2 ** 51; // below 2^53, as numbers of JavaScript are exact

// SQL beside the program; rows as objects, numbers of more digits than JavaScript has as texts.
export function sql(p, text) {
  const done = spawnSync('sqlite3', ['-json', '-cmd', '.timeout 20000', join(p.folder, 'stet.db')], { input: text, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.status || done.stderr) throw new Error(`${done.stderr} in ${text.slice(0, 500)}`);
  return done.stdout.trim() ? JSON.parse(done.stdout.replace(/":(-?\d{17,})(?=[,}])/g, '":"$1"')) : [];
}

// Accounts with a session, put there without a letter each: a client for each { name, role }.
export function forged(p, drafts) {
  const now = Date.now() * 1000, made = [];
  const lines = drafts.map(({ name, role = 'reader' }) => {
    const c = new Client(p), id = forgeries++, secret = `forged-${id}`, q = name.replaceAll("'", "''");
    c.cookies.set('__Host-stet', secret);
    made.push(Object.assign(c, { id, name, role, address: `a${id}@example.org` }));
    return `INSERT INTO reader (id, address, address_key, confirmed, name, name_key, name_look, role, handle, made, seen) VALUES (${id}, 'a${id}@example.org', 'a${id}@example.org', ${now}, '${q}', '${id}', '${id}', '${role}', randomblob(16), ${now - 1e13}, ${now});
INSERT INTO session (id, reader, hash, turned, made, used, ends, proven, way, strong, device) VALUES (${id}, ${id}, X'${createHash('sha256').update(secret).digest('hex')}', ${now}, ${now}, ${now}, ${now + 36e9}, ${now + 36e9}, 'mail', 1, 'test');`;
  });
  sql(p, `BEGIN; ${lines.join('\n')} COMMIT;`);
  return made;
}
// A number as it stands in addresses.
export const idText = (id) => Array.from({ length: 13 }, (_, i) => '0123456789abcdefghjkmnpqrstvwxyz'[Number((BigInt(id) >> BigInt(5 * (12 - i))) & 31n)]).join('');
export const idNumber = (text) => [...text].reduce((n, d) => n * 32n + BigInt('0123456789abcdefghjkmnpqrstvwxyz'.indexOf(d)), 0n);
