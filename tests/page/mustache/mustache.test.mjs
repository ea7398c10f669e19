// What Stet renders is what npm's mustache renders, byte for byte.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { strict as assert } from 'node:assert'
import { fileURLToPath } from 'node:url'
import path from 'node:path'
import { before, test } from 'node:test'
import Mustache from 'mustache'
import wontache from 'wontache'
import { damage, randomness, triple } from './generate.mjs'
import { inherited } from './inherit.mjs'

const seed = Number(process.env.STET_SEED ?? 20261123)
const count = Number(process.env.STET_COUNT ?? 6000)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const build = ['build-asan', 'build'].map(d => path.join(root, d)).find(d => existsSync(d))

before(() => {
  assert.ok(build, 'there is no build folder; run ./dev test')
  execFileSync('ninja', ['-C', build, 'tests/page/render_lines'], { stdio: 'pipe' })
})

function render(cases) {
  const { stdout, stderr, status } = spawnSync(path.join(build, 'tests/page/render_lines'), {
    input: cases.map(c => JSON.stringify(c) + '\n').join(''),
    maxBuffer: 1 << 30,
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  return stdout.trimEnd().split('\n').map(line => JSON.parse(line))
}

// {out} or {error}; a null in a list makes npm's mustache stumble, which says nothing about templates.
function reference(c) {
  Mustache.clearCache()
  try {
    return { out: Mustache.render(c.template, c.view, c.partials) }
  } catch (e) {
    return { error: e.message, stumbled: e instanceof TypeError }
  }
}

function show(c, i, ours, theirs) {
  return `case ${i} of seed ${seed}: ${JSON.stringify(c)}\nours:   ${JSON.stringify(ours)}\ntheirs: ${JSON.stringify(theirs)}`
}

test(`${count} templates with partials and views give the same text`, () => {
  const r = randomness(seed)
  const cases = Array.from({ length: count }, () => triple(r))
  const ours = render(cases)
  let compared = 0
  for (const [i, c] of cases.entries()) {
    const theirs = reference(c)
    if (theirs.stumbled)
      continue
    assert.equal(theirs.error, undefined, show(c, i, ours[i], theirs))
    assert.equal(ours[i].error, undefined, show(c, i, ours[i], theirs))
    assert.equal(ours[i].out, theirs.out, show(c, i, ours[i], theirs))
    compared++
  }
  assert.ok(compared > count * 0.8, `only ${compared} were compared`)
})

test('what npm refuses is refused, and what both take is the same', () => {
  const r = randomness(seed + 1)
  const cases = Array.from({ length: count / 2 }, () => triple(r))
  for (const c of cases)
    c.template = damage(r, c.template)
  const ours = render(cases)
  let refused = 0, same = 0
  for (const [i, c] of cases.entries()) {
    const theirs = reference(c)
    if (theirs.stumbled || /\S\s*[<$]/.test(c.template))
      continue // inheritance, which npm's mustache has not
    if (theirs.error) {
      assert.ok(ours[i].error, show(c, i, ours[i], theirs))
      assert.match(ours[i].error, /^template .*:\d+:\d+: /)
      refused++
    } else if (!ours[i].error) {
      assert.equal(ours[i].out, theirs.out, show(c, i, ours[i], theirs))
      same++
    }
  }
  assert.ok(refused > count / 20 && same > count / 20, `${refused} refused, ${same} the same`)
})

test('every number is written as JavaScript writes it', () => {
  const r = randomness(seed + 2)
  const bits = new DataView(new ArrayBuffer(8))
  const numbers = []
  while (numbers.length < 20000) {
    bits.setUint32(0, r.next())
    bits.setUint32(4, r.next())
    const n = r.chance(50) ? bits.getFloat64(0) : (r.next() / 1000) * 10 ** (r.below(30) - 15)
    if (Number.isFinite(n))
      numbers.push(n)
  }
  for (let e = -1074; e < 1024; e++)
    numbers.push(2 ** e)
  // Large whole numbers as reals: as integers they stay exact with us.
  const text = numbers.map(n => (Number.isInteger(n) && !/e/.test(String(n)) ? `${n}.0` : String(n)))
  const line = `{"template":"{{#v}}{{.}} {{/v}}","view":{"v":[${text.join()}]}}\n`
  const { stdout } = spawnSync(path.join(build, 'tests/page/render_lines'), {
    input: line, maxBuffer: 1 << 28, encoding: 'utf8' })
  assert.equal(JSON.parse(stdout).out, numbers.map(n => String(n) + ' ').join(''))
})

test('templates that inherit give what wontache gives', () => {
  const r = randomness(seed + 3)
  const cases = Array.from({ length: count / 2 }, () => inherited(r))
  const ours = render(cases)
  for (const [i, c] of cases.entries()) {
    const theirs = wontache(c.template)(c.view, { partials: { ...c.partials } })
    assert.equal(ours[i].out, theirs, show(c, i, ours[i], theirs))
  }
})
