/** One definition, or one shape that is met more than once → its functions: `__weave_encode_X`, `__weave_decode_X` and, where its values are copied, `__weave_copy_X`. */
import { Copier } from './copy.ts'
import { Decoder } from './decode.ts'
import { Body } from './emit.ts'
import { Encoder } from './encode.ts'
import { DEPTH_INSIDE, DEPTH_OUTSIDE, DEPTH_SHARED, type Functions, type SharedShape, type Verb } from './functions.ts'

export function definitionFunctions(name: string, functions: Functions): string[] {
  const shape = functions.facts.definition(name)
  const takesDepth = functions.facts.takesDepth(name)
  const depth = takesDepth ? DEPTH_INSIDE : DEPTH_OUTSIDE
  const recursive = functions.facts.isRecursive(name)

  const make = (verb: Verb, parameters: string, tooDeep: string, fill: (body: Body) => void): string => {
    const body = new Body()
    body.block(`function ${functions.nameOf(verb, name)}(${parameters}${takesDepth ? ', depth' : ''})`, () => {
      if (recursive) body.line(`if (depth > __weave.LIMITS.depthMax) ${tooDeep}`)
      fill(body)
    })
    return body.toString()
  }

  const made = [
    make('encode', 'w, v', '__weave.tooDeep()', (body) => new Encoder(functions, body, depth).encode(shape, 'v')),
    make('decode', 'r', 'r.tooDeep()', (body) => {
      body.line(`return ${new Decoder(functions, body, depth).decode(shape)}`)
    }),
  ]
  if (functions.facts.needsCopy({ kind: 'ref', name })) {
    made.push(
      make('copy', 'v', '__weave.tooDeep()', (body) => {
        body.line(`return ${new Copier(functions, body, depth).copy(shape, 'v')}`)
      }),
    )
  }
  return made
}

export function sharedFunctions({ shape, nameOf }: SharedShape, functions: Functions): string[] {
  const takesDepth = functions.facts.isUnbounded(shape)
  const depth = takesDepth ? DEPTH_SHARED : DEPTH_OUTSIDE
  const make = (verb: Verb, parameters: string, fill: (body: Body) => void): string => {
    const body = new Body()
    body.block(`function ${nameOf(verb)}(${parameters}${takesDepth ? ', depth' : ''})`, () => fill(body))
    return body.toString()
  }
  const made = [
    make('encode', 'w, v', (body) => new Encoder(functions, body, depth).encodeHere(shape, 'v')),
    make('decode', 'r', (body) => body.line(`return ${new Decoder(functions, body, depth).decodeHere(shape)}`)),
  ]
  if (functions.facts.needsCopy(shape)) {
    made.push(
      make('copy', 'v', (body) => body.line(`return ${new Copier(functions, body, depth).copyHere(shape, 'v')}`)),
    )
  }
  return made
}
