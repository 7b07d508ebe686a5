/**
 * One method → the method of the generated `Local` class, which calls the implementation in this process and passes by value:
 * arguments and result are copied where aliasing could be observed. A method that carries a signal or streams leaves them, and its
 * deadline, to a `LocalCall` (runtime/calls/local-call.ts).
 */

import type { Method, Parameter } from '../model.ts'
import { Copier } from './copy.ts'
import { Body } from './emit.ts'
import { DEPTH_OUTSIDE, type Functions } from './functions.ts'
import { access, keyText, quote } from './names.ts'

/** `a0, a1, ...a2`: parameters and, as they are, arguments. Their own names might be reserved words. */
export function parameterList(method: Method): string {
  return method.parameters.map((parameter, index) => `${parameter.rest ? '...' : ''}a${index}`).join(', ')
}

interface LocalMethod {
  method: Method
  index: number
  body: Body
  functions: Functions
}

/** Which arguments are copied, and whether the result is. */
export function copiesOf(
  method: Method,
  { facts }: Functions,
): { arguments: readonly Parameter[]; result: boolean; any: boolean } {
  const copied = method.parameters.filter(
    (parameter) => parameter.shape.kind === 'signal' || facts.needsCopy(withoutRestArray(parameter)),
  )
  const result = method.result.kind !== 'undefined' && facts.needsCopy(method.result)
  return { arguments: copied, result, any: copied.length > 0 || result }
}

/** The array of a rest parameter is made by the call; only what it holds may need a copy. */
function withoutRestArray({ shape, rest }: Parameter): Parameter['shape'] {
  return rest && shape.kind === 'array' ? shape.of : shape
}

export function localMethod({ method, index, body, functions }: LocalMethod): void {
  const copies = copiesOf(method, functions)
  const list = parameterList(method)
  const carried = carries(method)
  const call = (args: readonly string[]) => {
    const target = `${access('this.$implementation', method.name)}(${args.join(', ')})`
    if (carried || method.timeoutMs === undefined) return target
    return `__weave.timed(${method.timeoutMs}, component, ${quote(method.name)}, () => ${target}, this.$caller)`
  }
  const inside = new Body()
  const refused = `__weave.argumentError(bad(${index}, thrown, this.$caller), [${list}])`

  if (!carried) {
    inside.line(`if (__weave.isLate()) return __weave.late(this.$caller, component, ${quote(method.name)})`)
  }
  // What a `Promise<void>` really holds stays with the callee, as it does when the callee is elsewhere.
  const drops = method.result.kind === 'undefined'
  if (method.directStream) {
    inside.line('let result')
    inside.block('try', () => inside.line(`result = ${call(copiedArguments(method, index, inside, functions))}`))
    inside.follow('catch (thrown)', () => inside.line(`throw ${copies.arguments.length > 0 ? refused : 'thrown'}`))
    streamResult(index, inside)
  } else if (copies.result) {
    localWithResult({ method, index, inside, functions, call, refused })
  } else if (drops) {
    localWithoutResult({ method, index, inside, functions, call, refused })
  } else {
    // No promise beside the implementation's; only what is thrown before there is one has to become a rejection.
    inside.block('try', () => inside.line(`return ${call(copiedArguments(method, index, inside, functions))}`))
    inside.follow('catch (thrown)', () => {
      inside.line(`return Promise.reject(${copies.arguments.length > 0 ? refused : 'thrown'})`)
    })
  }
  const isAsync = copies.result || drops ? 'async ' : ''
  body.block(`${carried ? '' : isAsync}${keyText(method.name)}(${list})`, () => {
    if (carried) carriedCall({ method, index, body, isAsync, inside: inside.toString() })
    else for (const line of inside.toString().split('\n')) body.line(line)
  })
}

export function carries({ parameters, result }: Method): boolean {
  return result.kind === 'stream' || parameters.some(({ shape }) => shape.kind === 'signal' || shape.kind === 'stream')
}

interface CarriedCall {
  method: Method
  index: number
  body: Body
  isAsync: string
  /** What the method would do if it carried nothing. */
  inside: string
}

/** The same, done by a `LocalCall`: it knows when it has ended. */
function carriedCall({ method, index, body, isAsync, inside }: CarriedCall): void {
  const timeout = method.timeoutMs === undefined ? '' : `, ${method.timeoutMs}`
  body.line(`const call = new __weave.LocalCall(this, component, ${quote(method.name)}${timeout})`)
  const does = method.result.kind !== 'stream' ? 'run' : method.directStream ? 'gives' : 'opens'
  body.line(`return call.${does}(${method.directStream ? '' : isAsync}() => {`)
  body.indented(() => {
    for (const line of inside.split('\n')) body.line(line)
  })
  body.line(method.result.kind === 'stream' ? `}, item(${index}))` : '})')
}

interface LocalResult {
  method: Method
  index: number
  inside: Body
  functions: Functions
  call: (args: readonly string[]) => string
  refused: string
}

function localWithoutResult({ method, index, inside, functions, call, refused }: LocalResult): void {
  if (copiesOf(method, functions).arguments.length === 0) {
    inside.line(`await ${call(copiedArguments(method, index, inside, functions))}`)
    return
  }
  inside.line('let done')
  inside.block('try', () => inside.line(`done = ${call(copiedArguments(method, index, inside, functions))}`))
  inside.follow('catch (thrown)', () => inside.line(`throw ${refused}`))
  inside.line('await done')
}

function localWithResult({ method, index, inside, functions, call, refused }: LocalResult): void {
  if (copiesOf(method, functions).arguments.length === 0) {
    inside.line(`const result = await ${call(copiedArguments(method, index, inside, functions))}`)
  } else {
    inside.line('let result')
    inside.block('try', () => inside.line(`result = ${call(copiedArguments(method, index, inside, functions))}`))
    inside.follow('catch (thrown)', () => inside.line(`throw ${refused}`))
    inside.line('result = await result')
  }
  if (method.result.kind === 'stream') {
    streamResult(index, inside)
    return
  }
  inside.block('try', () => {
    if (functions.facts.componentsOf(method.result).size > 0) inside.line('__weave.receive(this.$receiver)')
    inside.line(`return ${new Copier(functions, inside, DEPTH_OUTSIDE).copy(method.result, 'result')}`)
  })
  inside.follow('catch (thrown)', () =>
    inside.line(`throw __weave.resultError(bad(${index}, thrown, this.$caller), result)`),
  )
}

/** It is given on as it is: whoever wraps it copies the items. */
function streamResult(index: number, inside: Body): void {
  inside.block('try', () => inside.line('if (!__weave.isStream(result)) __weave.mismatch()'))
  inside.follow('catch (thrown)', () =>
    inside.line(`throw __weave.resultError(bad(${index}, thrown, this.$caller), result)`),
  )
  inside.line('return result')
}

/** Writes the statements that copying needs, and gives the arguments for the implementation. */
function copiedArguments(method: Method, index: number, inside: Body, functions: Functions): string[] {
  const copier = new Copier(functions, inside, DEPTH_OUTSIDE)
  const copied = copiesOf(method, functions).arguments
  if (copied.some(({ shape }) => shape.kind !== 'stream' && functions.facts.componentsOf(shape).size > 0)) {
    inside.line('__weave.receive(this.$callee)')
  }
  return method.parameters.map((parameter, position) => {
    const dots = parameter.rest ? '...' : ''
    const source = `a${position}`
    if (!copied.includes(parameter)) return dots + source
    if (parameter.shape.kind === 'stream' || parameter.shape.kind === 'signal') {
      return carriedArgument(parameter, index, position, inside)
    }
    return (
      dots +
      (parameter.optional && !parameter.rest
        ? copier.given(parameter.shape, source)
        : copier.copy(parameter.shape, source))
    )
  })
}

function carriedArgument({ shape, optional }: Parameter, index: number, position: number, inside: Body): string {
  const source = `a${position}`
  const is = `__weave.${shape.kind === 'stream' ? 'isStream' : 'isSignal'}(${source})`
  inside.line(`if (${optional ? `${source} !== undefined && ` : ''}!${is}) __weave.mismatch()`)
  if (shape.kind === 'signal') return `call.signal(${source})`
  const stream = `call.stream(${source}, item(${index}, ${position}))`
  return optional ? `${source} === undefined ? undefined : ${stream}` : stream
}
