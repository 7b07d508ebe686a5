/**
 * One component → the function that makes its `Boundary` (runtime/boundary.ts): the three classes and the table of methods. A
 * broken component, of which an error was reported, gets a stub whose methods reject with that error's text, so that the rest
 * of the application still runs.
 */
import type { Component, Method } from '../model.ts'
import { Body } from './emit.ts'
import type { Functions } from './functions.ts'
import { copiesOf, localMethod, parameterList } from './local.ts'
import { codecsOf, methodEntry, shapesOf, stateMethods, streamsOf } from './method.ts'
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
        const broken = method.directStream ? 'brokenStream' : 'broken'
        body.line(`${keyText(method.name)}() { return __weave.${broken}(${quote(reason)}) }`)
      }
    })
  }
  body.line(`return { component: ${quote(component.name)}, methods: [], ${classes(identifier)} }`)
}

function healthyBoundary(component: Component, identifier: string, body: Body, functions: Functions): void {
  const { methods } = component
  const states = stateMethods(component)
  const copies = methods.some((method) => copiesOf(method, functions).any)
  const streams = methods.some((method) => streamsOf(method).length > 0)
  body.line(`const component = ${quote(component.name)}`)
  body.line('const methods = [')
  body.indented(() => {
    for (const method of methods) methodEntry(method, body, functions)
  })
  body.line(']')
  if (states.length > 0) {
    body.line('const [state] = [')
    body.indented(() => {
      for (const method of states) methodEntry(method, body, functions)
    })
    body.line(']')
  }
  if (copies) {
    body.line(
      'const bad = (method, thrown, caller) => ({ component, method: methods[method], definitions: __weave_definitions(), thrown, caller })',
    )
  }
  if (streams) {
    body.block('const item = (method, parameter) => (value) =>', () => {
      const stream =
        'parameter === undefined ? methods[method].resultStream : methods[method].streams.find((each) => each.parameter === parameter)'
      body.line(`const stream = ${stream}`)
      body.block('try', () => body.line('return stream.copyItem(value)'))
      body.follow('catch (thrown)', () => body.line('throw __weave.itemError(bad(method, thrown), value, parameter)'))
    })
  }
  body.block(`class ${identifier}Stub extends __weave.Stub`, () => {
    for (const [index, method] of methods.entries()) {
      const list = parameterList(method)
      const due = `if (--this.$due[${index}] === 0)`
      const sample = method.directStream
        ? `this.$count(${index})`
        : `return this.$sample(${index}, ${quote(method.name)}, [${list}])`
      const call = `return ${access('this.$target', method.name)}(${list})`
      body.line(`${keyText(method.name)}(${list}) { ${due} ${sample}; ${call} }`)
    }
  })
  body.block(`class ${identifier}Local extends __weave.LocalTarget`, () => {
    for (const [index, method] of methods.entries()) localMethod({ method, index, body, functions })
  })
  body.block(`class ${identifier}Remote extends __weave.RemoteTarget`, () => {
    for (const [index, method] of methods.entries()) {
      const list = parameterList(method)
      const call = method.directStream ? '$stream' : '$call'
      body.line(`${keyText(method.name)}(${list}) { return this.${call}(${index}, [${list}]) }`)
    }
  })
  const all = [...methods, ...states]
  const statePart = states.length > 0 ? ['state'] : []
  const parts = [...statePart, ...preparePart(all, functions), ...refersPart(all, functions)].map((part) => `, ${part}`)
  body.line(`return { component, methods, ${classes(identifier)}${parts.join('')} }`)
}

/** What has to be imported before the first value is encoded or decoded. */
function preparePart(methods: readonly Method[], functions: Functions): string[] {
  const codecs = new Set(methods.flatMap((method) => codecsOf(method, functions)))
  const errors = methods.some((method) => hasErrors(method, functions))
  const steps = [
    ...(errors
      ? [`await __weave.registryOf(__weave_errors${functions.codecs ? ', __weave_codecs' : ''}).loadAll()`]
      : []),
    ...(codecs.size > 0
      ? [`await __weave.loadCodecs(__weave_codecs, [${[...codecs].sort().map(quote).join(', ')}])`]
      : []),
  ]
  return steps.length === 0 ? [] : [`prepare: async () => { ${steps.join('; ')} }`]
}

function refersPart(methods: readonly Method[], { facts }: Functions): string[] {
  const names = new Set(
    methods.flatMap((method) => shapesOf(method).flatMap((shape) => [...facts.componentsOf(shape)])),
  )
  return names.size === 0 ? [] : [`refers: [${[...names].sort().map(quote).join(', ')}]`]
}

function hasErrors(method: Method, { facts }: Functions): boolean {
  return shapesOf(method).some((shape) => facts.hasErrors(shape))
}
