// Templates that inherit from each other, at random, laid out as people lay them out: a tag in its own
// line, or all in one. Three levels: page, middle, base.

const blocks = ['title', 'main', 'side']
const values = ['{{a}}', '{{{a}}}', '{{#list}}<{{.}}>{{/list}}', '{{^none}}none{{/none}}', '{{deep.b}}']

function words(r) {
  return r.pick(['one', 'two words', ...values])
}

function lines(r, indent, nested) {
  let out = ''
  for (let n = 1 + r.below(3); n > 0; n--) {
    out += indent + words(r) + '\n'
    if (nested?.length && r.chance(40))
      out += site(r, indent, nested.pop())
    if (r.chance(15))
      out += `${indent}{{#list}}\n${indent}${words(r)}\n${indent}{{/list}}\n`
    if (r.chance(15))
      out += indent + '{{>snippet}}\n'
  }
  return out
}

// A place that may be overridden, on lines of its own.
function site(r, indent, name, nested) {
  if (r.chance(30))
    return `${indent}{{$${name}}}${words(r)}{{/${name}}}\n`
  const inner = indent + r.pick(['', '  ', '\t'])
  return `${indent}{{$${name}}}\n${lines(r, inner, nested)}${indent}{{/${name}}}\n`
}

// In the middle level a block may hold a further place, which the page overrides.
function argument(r, name, places) {
  if (r.chance(40))
    return `{{$${name}}}${words(r)}{{/${name}}}`
  return `{{$${name}}}\n${lines(r, r.pick(['', '  ', '    ']), places)}{{/${name}}}`
}

function child(r, parent, names, places) {
  const between = () => r.pick(['', '\n', ' ignored ', '\n  '])
  let out = `{{<${parent}}}`
  for (const name of names)
    if (r.chance(50))
      out += between() + argument(r, name, places)
  return out + between() + `{{/${parent}}}`
}

function base(r) {
  let out = ''
  for (const name of blocks) {
    out += r.pick(['', 'line\n', `<p>{{$inner}}${words(r)}{{/inner}}</p>\n`])
    out += site(r, r.pick(['', '  ', '\t']), name, ['inner'])
  }
  return out
}

export function inherited(r) {
  const lead = r.pick(['', '  '])
  return {
    template: r.pick(['', 'before\n']) + lead + child(r, r.pick(['middle', 'base']), [...blocks, 'inner', 'spot'], []) + '\n' + r.pick(['', 'after\n']),
    partials: { middle: child(r, 'base', blocks, ['spot']) + '\n', base: base(r), snippet: 'first\nsecond\n' },
    view: { a: 'A & B', list: [1, 'two'], deep: { b: 'B' } },
  }
}
