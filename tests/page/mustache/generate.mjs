// Templates, partials and views at random, the same ones for the same seed. Everything Mustache has
// but lambdas and inheritance comes up, in sensible and in odd places.

// xorshift32: enough for tests, and the same everywhere.
export function randomness(seed) {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0 || 1
  const next = () => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
  const below = n => next() % n
  const pick = list => list[below(list.length)]
  const chance = percent => below(100) < percent
  return { next, below, pick, chance }
}

const names = ['a', 'b', 'c', 'list', 'deep', 'name', 'empty', 'no', 'zero', 'n', 'long name', 'ü', '日本']
const dotted = ['deep.a', 'deep.deep.b', 'a.b', 'list.length', 'name.length', 'deep.no', 'list.0', 'a.b.c',
  'deep.list', '.', 'deep.', '.a']
const missing = ['missing', 'deep.missing', 'missing.deep']
const texts = ['text', 'a b', '&', '<p class="x">', "it's", '“Ω≈ç”', '😀', '}', '{ ', '~ ', 'x=`y`/', '.',
  'A longer stretch of text, as pages have it.']
const spaces = [' ', '  ', '\t', ' \t', '    ', '\u00a0', '\r', '\u2003']
const breaks = ['\n', '\n', '\n', '\r\n', '\n\n']
const delimiters = [['<%', '%>'], ['[', ']'], ['|', '|'], ['{{', '}}'], ['((', '))'], ['@@@', '@'], ['«', '»']]
const partialNames = ['p', 'q', 'r', 'none', 'with/slash']

export function view(r, depth = 0) {
  const v = {}
  for (const name of names)
    if (r.chance(depth ? 25 : 70))
      v[name] = value(r, depth + 1, name)
  return v
}

function number(r) {
  return r.pick([0, 1, -1, 42, 1.5, -0.25, 1e21, 1.5e-7, 0.1 + 0.2, 123456789012, 100,
    2 ** -44, 5e-324, 1.7976931348623157e308, 0.000001, 123456.789, r.below(1e9) / 1000,
    (r.next() / 2 ** 32) * 10 ** -r.below(30)])
}

function value(r, depth, name) {
  if (name === 'list' || r.chance(15))
    return Array.from({ length: r.below(4) }, () => item(r, depth))
  if ((name === 'deep' || r.chance(20)) && depth < 3)
    return view(r, depth)
  if (name === 'empty')
    return r.pick(['', [], {}])
  if (name === 'no')
    return r.pick([false, null])
  if (name === 'zero')
    return 0
  return r.pick([scalar, scalar, number])(r)
}

function scalar(r) {
  return r.pick(['plain', '<b>&amp;</b>', '"quoted"', "O'Brien", 'a/b=c`d`', 'two\nlines', '', '  ', '😀 ü',
    true, false, null, 7, '{{a}}', '0', 'tab\there'])
}

function item(r, depth) {
  if (depth < 3 && r.chance(50))
    return view(r, depth)
  return r.pick([1, 0, 'item', '', '<i>', true, false, ['x', ['y', null], 2.5], []])
}

class Writer {
  constructor(r) {
    this.r = r
    this.open = '{{'
    this.close = '}}'
    this.out = ''
  }

  pad() {
    return this.r.chance(25) ? this.r.pick([' ', '  ', '\t', '\n', ' \n ']) : ''
  }

  name() {
    const kind = this.r.below(10)
    return this.r.pick(kind < 6 ? names : kind < 8 ? dotted : missing)
  }

  tag(sign, name) {
    this.out += this.open + this.pad() + sign + this.pad() + name + this.pad() + this.close
  }

  interpolation() {
    if (this.r.chance(60))
      return this.tag('', this.name())
    if (this.r.chance(50))
      return this.tag('&', this.name())
    this.out += this.open + '{' + this.pad() + this.name() + this.pad() + '}' + this.close
  }

  comment() {
    this.tag('!', this.r.pick(['note', 'two\nlines', ' # not a section ', '', 'ü = 1', '\n\n']))
  }

  delimiter() {
    const [open, close] = this.r.pick(delimiters)
    this.out += this.open + '=' + this.pad() + open + this.r.pick([' ', '  ', '\n']) + close + this.pad() +
      '=' + this.close
    this.open = open
    this.close = close
  }

  section(depth) {
    const name = this.name()
    this.tag(this.r.pick(['#', '#', '^']), name)
    this.space()
    this.body(depth + 1)
    this.tag('/', name)
  }

  space() {
    if (this.r.chance(50))
      this.out += this.r.pick(breaks)
    if (this.r.chance(40))
      this.out += this.r.pick(spaces)
  }

  piece(depth) {
    const kind = this.r.below(100)
    if (kind < 25) this.out += this.r.pick(texts)
    else if (kind < 50) this.interpolation()
    else if (kind < 70 && depth < 5) this.section(depth)
    else if (kind < 82) this.tag('>', this.r.pick(partialNames))
    else if (kind < 90) this.comment()
    else if (kind < 94) this.delimiter()
    else this.out += this.r.pick(spaces)
  }

  body(depth) {
    for (let n = this.r.below(depth ? 4 : 8); n >= 0; n--) {
      this.piece(depth)
      this.space()
    }
  }
}

export function template(r) {
  const w = new Writer(r)
  if (r.chance(30))
    w.space()
  w.body(0)
  return w.out
}

export function triple(r) {
  const partials = {}
  for (const name of partialNames)
    if (name !== 'none')
      partials[name] = template(r)
  return { template: template(r), partials: acyclic(partials), view: view(r) }
}

// A partial may only name those after it, so that rendering ends.
function acyclic(partials) {
  const order = Object.keys(partials)
  for (const [i, name] of order.entries())
    for (const other of order.slice(0, i + 1))
      partials[name] = partials[name].replaceAll(new RegExp(`(>\\s*)${other}(?=\\W)`, 'g'), '$1none')
  return partials
}

// Cuts or repeats a few bytes, for templates with mistakes.
export function damage(r, text) {
  for (let n = 1 + r.below(3); n > 0; n--) {
    const at = r.below(text.length + 1)
    const to = at + r.below(6)
    text = r.chance(60) ? text.slice(0, at) + text.slice(to) : text.slice(0, to) + text.slice(at)
  }
  return text.toWellFormed ? text.toWellFormed() : text.replace(/[\ud800-\udfff]/g, '')
}
