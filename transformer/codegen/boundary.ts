/**
 * One component → the function that makes its `Boundary` (runtime/boundary.ts): the three classes and the table of methods. A
 * broken component, of which an error was reported, gets a stub whose methods reject with that error's text, so that the rest
 * of the application still runs.
 */
import type { Component, Method, Parameter } from '../model.ts'
import { Copier } from './copy.ts'
import { Decoder } from './decode.ts'
import { Body } from './emit.ts'
import { Encoder } from './encode.ts'
import { DEPTH_OUTSIDE, type Functions } from './functions.ts'
import { access, keyText, quote } from './names.ts'

/** `identifier` is the component's in generated text: `Cart` → `function __weave_boundary_Cart()`. */
export function boundaryFunction(component: Component, identifier: string, functions: Functions): string {
  const body = new Body()
  body.block(`function ${boundaryName(identifier)}()`, () => {
    if (component.broken !== undefined) brokenBoundary(component, identifier, component.broken, body)
    else healthyBoundary(component, identifier, body, functions)
  })
  return body.toString()
}

export function boundaryName(identifier: string): string {
  return `__weave_boundary_${identifier}`
}

function classes(identifier: string): string {
  return ['Stub', 'Local', 'Remote'].map((name) => `${name}: ${identifier}${name}`).join(', ')
}

function brokenBoundary(component: Component, identifier: string, reason: string, body: Body): void {
  for (const base of ['Stub', 'Local', 'Remote']) {
    body.block(`class ${identifier}${base} extends __weave.${base === 'Stub' ? base : `${base}Target`}`, () => {
      for (const method of component.methods) {
        body.line(`${keyText(method.name)}() { return __weave.broken(${quote(reason)}) }`)
      }
    })
  }
  body.line(`return { component: ${quote(component.name)}, methods: [], ${classes(identifier)} }`)
}

function healthyBoundary(component: Component, identifier: string, body: Body, functions: Functions): void {
  const { methods } = component
  const copies = methods.some((method) => copiesOf(method, functions).any)
  body.line('const methods = [')
  body.indented(() => {
    for (const method of methods) methodEntry(method, body, functions)
  })
  body.line(']')
  if (copies) {
    body.line(
      `const bad = (method, thrown) => ({ component: ${quote(component.name)}, method: methods[method], definitions: __weave_definitions(), thrown })`,
    )
  }
  body.block(`class ${identifier}Stub extends __weave.Stub`, () => {
    for (const method of methods) {
      const list = parameterList(method)
      body.line(`${keyText(method.name)}(${list}) { return ${access('this.$target', method.name)}(${list}) }`)
    }
  })
  body.block(`class ${identifier}Local extends __weave.LocalTarget`, () => {
    if (methods.length > 0) countsFromZero(methods.length, body)
    for (const [index, method] of methods.entries()) localMethod({ component, method, index, body, functions })
  })
  body.block(`class ${identifier}Remote extends __weave.RemoteTarget`, () => {
    for (const [index, method] of methods.entries()) {
      const list = parameterList(method)
      body.line(`${keyText(method.name)}(${list}) { return this.$call(${index}, [${list}]) }`)
    }
  })
  const prepare = methods.some((method) => hasErrors(method, functions))
    ? ', prepare: () => __weave.registryOf(__weave_errors).loadAll()'
    : ''
  body.line(`return { component: ${quote(component.name)}, methods, ${classes(identifier)}${prepare} }`)
}

function countsFromZero(methods: number, body: Body): void {
  body.block('constructor(implementation)', () => {
    body.line('super(implementation)')
    body.line(`this.$calls.push(${Array.from({ length: methods }, () => '0').join(', ')})`)
  })
}

/** `a0, a1, ...a2`: parameters and, as they are, arguments. Their own names might be reserved words. */
function parameterList(method: Method): string {
  return method.parameters.map((parameter, index) => `${parameter.rest ? '...' : ''}a${index}`).join(', ')
}

function methodEntry(method: Method, body: Body, functions: Functions): void {
  const parameters = method.parameters.map(({ name, shape, optional, rest }) => ({
    name,
    shape,
    ...(optional && !rest ? { optional: true } : {}),
    ...(rest ? { rest: true } : {}),
  }))
  body.block(
    '',
    () => {
      body.line(`name: ${quote(method.name)},`)
      body.line(`idempotent: ${method.idempotent},`)
      body.line(`timeoutMs: ${method.timeoutMs},`)
      body.line(`key: ${method.key},`)
      body.line(`shapes: () => (${json({ parameters, result: method.result })}),`)
      encodeArguments(method, body, functions)
      decodeArguments(method, body, functions)
      const result = method.result.kind === 'undefined' ? undefined : method.result
      const text = result !== undefined && functions.facts.hasText(result)
      functionEntry('encodeResult(w, v)', body, (inside) => {
        if (result) opened(text, inside, () => new Encoder(functions, inside, DEPTH_OUTSIDE).encode(result, 'v'))
      })
      functionEntry('decodeResult(r)', body, (inside) => {
        if (!result) return
        if (text) inside.line('r.open()')
        const value = new Decoder(functions, inside, DEPTH_OUTSIDE).decode(result)
        if (!text) return inside.line(`return ${value}`)
        inside.line(`const result = ${value}`)
        inside.line('r.close()')
        inside.line('return result')
      })
    },
    ',',
  )
}

/** Names are free in each of them, so each has a body of its own. */
function functionEntry(head: string, outer: Body, fill: (inside: Body) => void): void {
  const inside = new Body()
  fill(inside)
  const text = inside.toString()
  outer.block(
    head,
    () => {
      if (text !== '') for (const line of text.split('\n')) outer.line(line)
    },
    ',',
  )
}

function opened(text: boolean, body: Body, fill: () => void): void {
  if (text) body.line('const opened = w.open()')
  fill()
  if (text) body.line('w.close(opened)')
}

function encodeArguments(method: Method, body: Body, functions: Functions): void {
  const text = method.parameters.some((parameter) => functions.facts.hasText(parameter.shape))
  functionEntry('encodeArguments(w, args)', body, (inside) => {
    const encoder = new Encoder(functions, inside, DEPTH_OUTSIDE)
    opened(text, inside, () => {
      for (const [index, parameter] of method.parameters.entries()) {
        if (parameter.rest) encoder.encode(parameter.shape, index === 0 ? 'args' : `args.slice(${index})`)
        else if (parameter.optional) encoder.given(parameter.shape, `args[${index}]`)
        else encoder.encode(parameter.shape, `args[${index}]`)
      }
    })
  })
}

function decodeArguments(method: Method, body: Body, functions: Functions): void {
  const text = method.parameters.some((parameter) => functions.facts.hasText(parameter.shape))
  functionEntry('decodeArguments(r)', body, (inside) => {
    const decoder = new Decoder(functions, inside, DEPTH_OUTSIDE)
    if (text) inside.line('r.open()')
    const values = method.parameters.map((parameter, index) => {
      const value =
        parameter.optional && !parameter.rest ? decoder.given(parameter.shape) : decoder.decode(parameter.shape)
      inside.line(`const a${index} = ${value}`)
      return `${parameter.rest ? '...' : ''}a${index}`
    })
    if (text) inside.line('r.close()')
    inside.line(`return [${values.join(', ')}]`)
  })
}

interface LocalMethod {
  component: Component
  method: Method
  index: number
  body: Body
  functions: Functions
}

/** Which arguments are copied, and whether the result is. */
function copiesOf(
  method: Method,
  { facts }: Functions,
): { arguments: readonly Parameter[]; result: boolean; any: boolean } {
  const copied = method.parameters.filter((parameter) => facts.needsCopy(withoutRestArray(parameter)))
  const result = method.result.kind !== 'undefined' && facts.needsCopy(method.result)
  return { arguments: copied, result, any: copied.length > 0 || result }
}

/** The array of a rest parameter is made by the call; only what it holds may need a copy. */
function withoutRestArray({ shape, rest }: Parameter): Parameter['shape'] {
  return rest && shape.kind === 'array' ? shape.of : shape
}

function localMethod({ component, method, index, body, functions }: LocalMethod): void {
  const copies = copiesOf(method, functions)
  const list = parameterList(method)
  const call = (args: readonly string[]) => {
    const target = `${access('this.$implementation', method.name)}(${args.join(', ')})`
    if (method.timeoutMs === undefined) return target
    return `__weave.timed(${method.timeoutMs}, ${quote(component.name)}, ${quote(method.name)}, () => ${target}, this.$caller)`
  }
  const inside = new Body()
  const refused = `__weave.argumentError(bad(${index}, thrown), [${list}])`

  inside.line(`this.$calls[${index}]++`)
  inside.line(
    `if (__weave.isLate()) return __weave.late(this.$caller, ${quote(component.name)}, ${quote(method.name)})`,
  )
  // What a `Promise<void>` really holds stays with the callee, as it does when the callee is elsewhere.
  const drops = method.result.kind === 'undefined'
  if (copies.result) {
    localWithResult({ method, index, inside, functions, call, refused })
  } else if (drops) {
    localWithoutResult({ method, index, inside, functions, call, refused })
  } else {
    // No promise beside the implementation's; only what is thrown before there is one has to become a rejection.
    inside.block('try', () => inside.line(`return ${call(copiedArguments(method, inside, functions))}`))
    inside.follow('catch (thrown)', () => {
      inside.line(`return Promise.reject(${copies.arguments.length > 0 ? refused : 'thrown'})`)
    })
  }
  body.block(`${copies.result || drops ? 'async ' : ''}${keyText(method.name)}(${list})`, () => {
    for (const line of inside.toString().split('\n')) body.line(line)
  })
}

interface LocalResult {
  method: Method
  index: number
  inside: Body
  functions: Functions
  call: (args: readonly string[]) => string
  refused: string
}

function localWithoutResult({ method, inside, functions, call, refused }: LocalResult): void {
  if (copiesOf(method, functions).arguments.length === 0) {
    inside.line(`await ${call(copiedArguments(method, inside, functions))}`)
    return
  }
  inside.line('let done')
  inside.block('try', () => inside.line(`done = ${call(copiedArguments(method, inside, functions))}`))
  inside.follow('catch (thrown)', () => inside.line(`throw ${refused}`))
  inside.line('await done')
}

function localWithResult({ method, index, inside, functions, call, refused }: LocalResult): void {
  if (copiesOf(method, functions).arguments.length === 0) {
    inside.line(`const result = await ${call(copiedArguments(method, inside, functions))}`)
  } else {
    inside.line('let result')
    inside.block('try', () => inside.line(`result = ${call(copiedArguments(method, inside, functions))}`))
    inside.follow('catch (thrown)', () => inside.line(`throw ${refused}`))
    inside.line('result = await result')
  }
  inside.block('try', () => {
    inside.line(`return ${new Copier(functions, inside, DEPTH_OUTSIDE).copy(method.result, 'result')}`)
  })
  inside.follow('catch (thrown)', () => inside.line(`throw __weave.resultError(bad(${index}, thrown), result)`))
}

/** Writes the statements that copying needs, and gives the arguments for the implementation. */
function copiedArguments(method: Method, inside: Body, functions: Functions): string[] {
  const copier = new Copier(functions, inside, DEPTH_OUTSIDE)
  const copied = copiesOf(method, functions).arguments
  return method.parameters.map((parameter, position) => {
    const dots = parameter.rest ? '...' : ''
    const source = `a${position}`
    if (!copied.includes(parameter)) return dots + source
    return (
      dots +
      (parameter.optional && !parameter.rest
        ? copier.given(parameter.shape, source)
        : copier.copy(parameter.shape, source))
    )
  })
}

function hasErrors(method: Method, { facts }: Functions): boolean {
  return [method.result, ...method.parameters.map((parameter) => parameter.shape)].some((shape) =>
    facts.hasErrors(shape),
  )
}

/** JSON that is also an expression in any JavaScript. */
export function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029').replaceAll('</', '<\\/')
}
