/**
 * One method → its entry in the boundary's table (`Method` of runtime/boundary.ts): what is known of it, and the functions that
 * encode and decode its arguments, its result and the items of its streams. Signals and streams aren't among the bytes of a call:
 * a byte says whether there is one, and whoever carries the call carries it.
 */
import type { Shape } from '../../runtime/shape.ts'
import type { Component, Method, Parameter } from '../model.ts'
import { Copier } from './copy.ts'
import { Decoder } from './decode.ts'
import { Body } from './emit.ts'
import { Encoder } from './encode.ts'
import { DEPTH_OUTSIDE, type Functions } from './functions.ts'
import { quote } from './names.ts'

export function codecsOf(method: Method, { facts }: Functions): string[] {
  return shapesOf(method).flatMap((shape) => [...facts.codecsOf(shape)])
}

export function shapesOf(method: Method): Shape[] {
  return [...method.parameters.map((parameter) => parameter.shape), method.result]
}

/** What hands over the state of an implementation, as a method that takes it; so its codec is made as any other. */
export function stateMethods({ implementation }: Component): Method[] {
  const shape = implementation?.state
  if (shape === undefined) return []
  return [
    {
      name: 'takeOver',
      parameters: [{ name: 'state', shape, optional: false, rest: false }],
      result: { kind: 'undefined' },
      idempotent: false,
      timeoutMs: undefined,
      key: undefined,
      hash: '',
    },
  ]
}

/** A stream among the parameters (by position) or the result (undefined), with the shape of its items. */
interface StreamOf {
  readonly parameter: number | undefined
  readonly of: Shape
}

export function streamsOf({ parameters, result }: Method): StreamOf[] {
  const streams: StreamOf[] = []
  for (const [parameter, { shape }] of parameters.entries()) {
    if (shape.kind === 'stream') streams.push({ parameter, of: shape.of })
  }
  if (result.kind === 'stream') streams.push({ parameter: undefined, of: result.of })
  return streams
}

export function methodEntry(method: Method, body: Body, functions: Functions): void {
  body.block(
    '',
    () => {
      body.line(`name: ${quote(method.name)},`)
      body.line(`idempotent: ${method.idempotent}, timeoutMs: ${method.timeoutMs}, key: ${method.key},`)
      carriedEntries(method, body, functions)
      const shapes = [functions.parametersText(method.parameters), functions.shapeText(method.result)]
      body.line(`shapes: () => __weave.shapes(__weave_types, ${shapes.map(quote).join(', ')}),`)
      encodeArguments(method, body, functions)
      decodeArguments(method, body, functions)
      const given = method.result.kind === 'undefined' ? undefined : method.result
      const text = textOf(given === undefined ? [] : [given], functions)
      functionEntry('encodeResult(w, v)', body, (inside) => {
        if (given) opened(text, inside, () => encoderOf(text, inside, functions).encode(given, 'v'))
      })
      functionEntry('decodeResult(r)', body, (inside) => {
        // A stream's items come by themselves.
        if (given && given.kind !== 'stream') decoded(given, text, inside, functions)
      })
    },
    ',',
  )
}

/** What isn't among the bytes of a call but carried beside them: the abort signal and the streams. */
function carriedEntries(method: Method, body: Body, functions: Functions): void {
  const signal = method.parameters.findIndex(({ shape }) => shape.kind === 'signal')
  if (signal !== -1) body.line(`signal: ${signal},`)
  const streams = streamsOf(method)
  const given = streams.filter(({ parameter }) => parameter !== undefined)
  if (given.length > 0) {
    body.line('streams: [')
    body.indented(() => {
      for (const { parameter, of } of given) {
        body.block('', () => itemCodec(of, `parameter: ${parameter},`, body, functions), ',')
      }
    })
    body.line('],')
  }
  const result = streams.find(({ parameter }) => parameter === undefined)
  if (result) {
    const direct = `direct: ${method.directStream === true},`
    body.block('resultStream:', () => itemCodec(result.of, direct, body, functions), ',')
  }
}

/** An item is a message of its own, with its own text. */
function itemCodec(of: Shape, first: string, body: Body, functions: Functions): void {
  const text = textOf([of], functions)
  body.line(first)
  functionEntry('encodeItem(w, v)', body, (inside) => {
    opened(text, inside, () => encoderOf(text, inside, functions).encode(of, 'v'))
  })
  functionEntry('decodeItem(r)', body, (inside) => decoded(of, text, inside, functions))
  functionEntry('copyItem(v)', body, (inside) => {
    inside.line(`return ${new Copier(functions, inside, DEPTH_OUTSIDE).copy(of, 'v')}`)
  })
}

/** How the strings of a message are written: all in one (`w.open`), or, where it holds no others than one or two by themselves, in place. */
type Text = 'none' | 'bundled' | 'inPlace'

/** From three strings on, the bundle is both shorter and cheaper. */
const IN_PLACE_MAX = 2

/** `shapes`: what the message consists of. */
function textOf(shapes: readonly Shape[], { facts }: Functions): Text {
  // The items of a stream are messages of their own.
  const holders = shapes.filter((shape) => shape.kind !== 'stream' && facts.hasText(shape))
  if (holders.length === 0) return 'none'
  return holders.length <= IN_PLACE_MAX && holders.every(({ kind }) => kind === 'string') ? 'inPlace' : 'bundled'
}

const encoderOf = (text: Text, inside: Body, functions: Functions) =>
  new Encoder(functions, inside, DEPTH_OUTSIDE, text === 'inPlace' ? 'string' : 'text')

const decoderOf = (text: Text, inside: Body, functions: Functions) =>
  new Decoder(functions, inside, DEPTH_OUTSIDE, text === 'inPlace' ? 'string' : 'text')

function decoded(shape: Shape, text: Text, inside: Body, functions: Functions): void {
  if (text === 'bundled') inside.line('r.open()')
  const value = decoderOf(text, inside, functions).decode(shape)
  if (text !== 'bundled') {
    inside.line(`return ${value}`)
    return
  }
  inside.line(`const result = ${value}`)
  inside.line('r.close()')
  inside.line('return result')
}

/** Names are free in each of them, so each has a body of its own. */
function functionEntry(head: string, outer: Body, fill: (inside: Body) => void): void {
  const inside = new Body()
  fill(inside)
  const lines = inside.toString().split('\n')
  const fillOuter = (): void => {
    for (const line of lines) outer.line(line)
  }
  if (lines.length > 1) outer.block(head, fillOuter, ',')
  else outer.line(`${head} {${lines[0] === '' ? '' : ` ${lines[0]} `}},`)
}

function opened(text: Text, body: Body, fill: () => void): void {
  if (text === 'bundled') body.line('w.open()')
  fill()
  if (text === 'bundled') body.line('w.close()')
}

function encodeArguments(method: Method, body: Body, functions: Functions): void {
  const text = textOf(
    method.parameters.map(({ shape }) => shape),
    functions,
  )
  functionEntry('encodeArguments(w, args)', body, (inside) => {
    const encoder = encoderOf(text, inside, functions)
    opened(text, inside, () => {
      for (const [index, parameter] of method.parameters.entries()) {
        if (isCarried(parameter.shape)) encodePresence(parameter, `args[${index}]`, inside)
        else if (parameter.rest) encoder.encode(parameter.shape, index === 0 ? 'args' : `args.slice(${index})`)
        else if (parameter.optional) encoder.given(parameter.shape, `args[${index}]`)
        else encoder.encode(parameter.shape, `args[${index}]`)
      }
    })
  })
}

function decodeArguments(method: Method, body: Body, functions: Functions): void {
  const text = textOf(
    method.parameters.map(({ shape }) => shape),
    functions,
  )
  functionEntry('decodeArguments(r)', body, (inside) => {
    const decoder = decoderOf(text, inside, functions)
    if (text === 'bundled') inside.line('r.open()')
    const values = method.parameters.map((parameter, index) => {
      const value = isCarried(parameter.shape)
        ? `r.boolean() ? true : ${parameter.optional ? 'undefined' : 'r.unexpected("a missing stream or signal")'}`
        : parameter.optional && !parameter.rest
          ? decoder.given(parameter.shape)
          : decoder.decode(parameter.shape)
      inside.line(`const a${index} = ${value}`)
      return `${parameter.rest ? '...' : ''}a${index}`
    })
    if (text === 'bundled') inside.line('r.close()')
    inside.line(`return [${values.join(', ')}]`)
  })
}

const isCarried = (shape: Shape): boolean => shape.kind === 'stream' || shape.kind === 'signal'

/** One byte: is it there? Whoever carries the call carries the thing itself. */
function encodePresence({ shape, optional }: Parameter, value: string, body: Body): void {
  const name = body.once(value, 'v')
  const is = `__weave.${shape.kind === 'stream' ? 'isStream' : 'isSignal'}(${name})`
  body.line(`if (${optional ? `${name} !== undefined && ` : ''}!${is}) __weave.mismatch()`)
  body.line(`w.boolean(${optional ? `${name} !== undefined` : 'true'})`)
}
