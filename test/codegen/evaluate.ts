/** Models made by hand, and generated text brought to life: with the real runtime, without a project, a checker or a bundler. */
import type { AppDescriptor, Boundary } from '../../runtime/boundary.ts'
import { Reader } from '../../runtime/codec/reader.ts'
import { Writer } from '../../runtime/codec/writer.ts'
import * as internal from '../../runtime/internal.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { generateApp } from '../../transformer/codegen/app.ts'
import type {
  App,
  AppModel,
  CodecSource,
  Component,
  ErrorClass,
  Implementation,
  Method,
  Parameter,
} from '../../transformer/model.ts'

export const span = { file: 'src/cart.ts', start: 0, end: 0 }

export function parameter(name: string, shape: Shape, more: Partial<Parameter> = {}): Parameter {
  return { name, shape, optional: false, rest: false, ...more }
}

export function method(name: string, parameters: Parameter[], result: Shape, more: Partial<Method> = {}): Method {
  return { name, parameters, result, idempotent: false, timeoutMs: undefined, key: undefined, hash: '0000', ...more }
}

export function component(name: string, methods: Method[], more: Partial<Component> = {}): Component {
  return {
    name,
    shortName: name.slice(name.lastIndexOf('.') + 1),
    declaration: span,
    methods,
    implementation: undefined,
    provided: false,
    broken: undefined,
    ...more,
  }
}

export function implementation(file: string, className: string, more: Partial<Implementation> = {}): Implementation {
  return { className, file, exportName: className, declaration: span, dependencies: [], reaches: [], ...more }
}

export function modelOf(components: Component[], more: Partial<AppModel> = {}): { model: AppModel; app: App } {
  const app: App = {
    kind: 'startApp',
    file: 'src/main.ts',
    root: undefined,
    components: components.map((each) => each.name),
  }
  return { app, model: { components, apps: [app], codecs: [], errors: [], definitions: {}, rewrites: [], ...more } }
}

export type Importer = (specifier: string) => Promise<Record<string, unknown>>

/** Runs generated text and gives what it hands to the runtime. `scope`: names that the file itself declares. */
export function evaluate(text: string, importer?: Importer, scope: Record<string, unknown> = {}): AppDescriptor {
  const program = text.replace("import * as __weave from 'weavets/internal'", '').replaceAll(/\bimport\(/g, '__import(')
  const names = Object.keys(scope)
  const run = new Function(
    '__weave',
    '__import',
    ...names,
    `"use strict"; return __weave_app();\n${program}\n//# sourceURL=weave:generated`,
  )
  return run(internal, importer, ...names.map((name) => scope[name])) as AppDescriptor
}

export function descriptorOf(model: AppModel, app: App): AppDescriptor {
  return evaluate(generateApp(model, app, { version: '0123', specifier: (file) => `./${file}` }))
}

export function boundariesOf(descriptor: AppDescriptor): Boundary[] {
  return descriptor.components.flatMap(({ boundary }) => (boundary ? [boundary()] : []))
}

export interface Codec {
  boundary: Boundary
  encode(value: unknown): Buffer
  decode(bytes: Buffer): unknown
  /** Through a co-located call, which copies argument and result. */
  copy(value: unknown): Promise<unknown>
}

export interface CodecOptions {
  codecs?: CodecSource[]
  errors?: ErrorClass[]
  importer?: Importer
  /** What a reference arrives as. */
  stub?: object
  /** Coded by the table of types, as very large types are, whatever it weighs. */
  table?: boolean
}

/** The codec of one shape, prepared if it has codecs of the user's: that of a method that takes and gives it. */
export async function preparedCodecOf(shape: Shape, definitions: Definitions, options: CodecOptions): Promise<Codec> {
  const codec = codecOf(shape, definitions, options)
  await codec.boundary.prepare?.()
  return codec
}

/** The codec of one shape: that of a method that takes and gives it. */
export function codecOf(shape: Shape, definitions: Definitions = {}, options: CodecOptions = {}): Codec {
  const { model, app } = modelOf([component('src/x.X', [method('echo', [parameter('value', shape)], shape)])], {
    definitions,
    codecs: options.codecs ?? [],
    errors: options.errors ?? [],
  })
  const weight = options.table ? { weightMax: 0 } : {}
  const text = generateApp(model, app, { version: '0123', specifier: (file) => `./${file}`, ...weight })
  const boundary = boundariesOf(evaluate(text, options.importer))[0]!
  const echo = boundary.methods[0] as Boundary['methods'][number]
  return {
    boundary,
    encode(value) {
      const writer = new Writer(16)
      echo.encodeArguments(writer, [value])
      return writer.take()
    },
    decode(bytes) {
      // Somewhere in a larger buffer, as in a frame.
      const reader = new Reader(
        Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(5, 0xff)]),
        3,
        3 + bytes.length,
      )
      if (options.stub) reader.references = { stub: () => options.stub! }
      const [value] = echo.decodeArguments(reader)
      if (reader.left !== 0) throw new Error(`${reader.left} bytes were not read`)
      return value
    },
    async copy(value) {
      let received: unknown
      const local = new boundary.Local({
        async echo(argument: unknown) {
          received = argument
          return argument
        },
      }) as unknown as { echo(value: unknown): Promise<unknown> }
      const result = await local.echo(value)
      if (typeof received === 'object' && received !== null && received === result) return value
      return result
    },
  }
}
