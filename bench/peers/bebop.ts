/** What bebop's compiler writes for structs of these shapes, over its runtime's `BebopView`; the compiler is a binary of its own. */
import type { Member, Shape } from '../../runtime/shape.ts'
import type { Schema, Way } from './codecs.ts'

export function bebopWay({ definitions, shape, doubles }: Schema, require: NodeJS.Require): Way {
  const { BebopView } = require('bebop')
  const functions = Object.entries(definitions).map(([name, definition]) => {
    const { members } = definition as { members: Member[] }
    const writes = members.map((member) => write(member.shape, `v.${member.name}`, member.name, 0))
    const reads = members.map((member, at) => `let f${at}\n${read(member.shape, `f${at}`, member.name, 0)}`)
    const fields = members.map((member, at) => `${member.name}: f${at}`)
    return `function write${name}(v, view) { ${writes.join('\n')} }\nfunction read${name}(view) { ${reads.join('\n')}\nreturn { ${fields.join(', ')} } }`
  })

  function write(part: Shape, value: string, member: string, depth: number): string {
    if (part.kind === 'array') {
      const at = `i${depth}`
      return `view.writeUint32(${value}.length); for (let ${at} = 0; ${at} < ${value}.length; ${at}++) { ${write(part.of, `${value}[${at}]`, member, depth + 1)} }`
    }
    if (part.kind === 'ref') return `write${part.name}(${value}, view)`
    if (part.kind === 'boolean') return `view.writeByte(Number(${value}))`
    return `view.write${part.kind === 'string' ? 'String' : doubles.has(member) ? 'Float64' : 'Int32'}(${value})`
  }

  function read(part: Shape, to: string, member: string, depth: number): string {
    if (part.kind === 'array') {
      const [at, count, item] = [`i${depth}`, `n${depth}`, `x${depth}`]
      return `{ const ${count} = view.readUint32(); ${to} = new Array(${count}); for (let ${at} = 0; ${at} < ${count}; ${at}++) { let ${item}\n${read(part.of, item, member, depth + 1)}\n${to}[${at}] = ${item} } }`
    }
    if (part.kind === 'ref') return `${to} = read${part.name}(view)`
    if (part.kind === 'boolean') return `${to} = !!view.readByte()`
    return `${to} = view.read${part.kind === 'string' ? 'String' : doubles.has(member) ? 'Float64' : 'Int32'}()`
  }

  const make = new Function(
    'BebopView',
    `${functions.join('\n')}
    return {
      encode(v) { const view = BebopView.getInstance(); view.startWriting(); ${write(shape, 'v', '', 0)}; return view.toArray() },
      decode(bytes) { const view = BebopView.getInstance(); view.startReading(bytes); let result\n${read(shape, 'result', '', 0)}\nreturn result },
    }`,
  )
  const { encode, decode } = make(BebopView)
  return { name: 'bebop', encode, bytes: (value) => Buffer.from(encode(value)), decode }
}
