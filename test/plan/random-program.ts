/**
 * A small application that is edited at random: types of every kind that refer to each other across files, components, classes that implement
 * and call them, re-exports, augmentations, suppressions, JSX, and at times text that is no TypeScript. In goes a source of chance; out come, after
 * each `step`, the texts that have changed. Everything is kept as declarations, so that one can be moved, renamed or merged as a whole.
 */

/** What such a program sees of weavets. */
export const WEAVETS = `declare const component: unique symbol
declare const key: unique symbol
declare const shared: unique symbol
declare const config: unique symbol
/** @weaveMarker component */
export interface Component { readonly [component]?: never }
/** @weaveMarker main */
export interface Main { main(): Promise<void> }
/** @weaveMarker key */
export type Key<T extends string | number | bigint | boolean> = T & { readonly [key]?: never }
/** @weaveMarker shared */
export type Shared<T extends object> = T & { readonly [shared]?: never }
/** @weaveMarker config */
export type Config<T extends object> = Readonly<T> & { readonly [config]?: never }
/** @weaveMarker json */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
/** @weaveMarker listener */
export interface Listener { readonly name: string; readonly url: string }
/** @weaveMarker logger */
export interface Logger { info(message: string): void }
/** @weaveMarker run */
export declare function run(root: new (...dependencies: never[]) => Main): Promise<void>
/** @weaveMarker get */
export declare function get<C extends Component>(): C
/** @weaveMarker provide */
export declare function provide<C extends Component>(factory: () => C | Promise<C>): void
`

/** A declaration at the top level of a file. */
interface Part {
  name: string
  /** What it is declared as: the same name may be declared twice in a file, and then is merged or wrong. */
  write(name: string, type: (at: number) => string, value: (at: number) => string): string
  /** Names that it refers to. */
  uses: string[]
  exported: boolean
}

export interface Changed {
  readonly what: string
  /** By path from the root; undefined for a file that is gone. */
  readonly texts: Readonly<Record<string, string | undefined>>
}

/** Of which all cross, as long as what they are made of does. */
const SOUND: readonly Part['write'][] = [
  (name, type) => `interface ${name} { a: ${type(0)}; b?: ${type(1)}[]; c: Map<string, ${type(2)}> }`,
  (name, type) => `interface ${name} { kind: '${name}'; value: ${type(0)}; next?: ${name}; tags: readonly string[] }`,
  (name, type) => `interface ${name} { kind: 'other'; list: readonly ${type(0)}[]; of: { inner: ${type(1)} | null } }`,
  (name) => `interface ${name} { a: string; b: number }`,
  (name, type) => `interface ${name} extends Pick<${type(0)}, never> { own: ${type(1)} }`,
  (name, type) => `type ${name} = ${type(0)} | ${type(1)} | null`,
  (name, type) => `type ${name} = { kind: 'x'; of: ${type(0)} } | { kind: 'y'; of: ${type(1)}[] }`,
  (name, type) => `type ${name} = Partial<${type(0)}>`,
  (name, type) => `type ${name} = { [K in keyof ${type(0)}]: ${type(1)} }`,
  (name, type) => `type ${name} = ${type(0)} & { extra: ${type(1)} }`,
  (name, type) => `type ${name} = ${type(0)} extends { a: infer X } ? X : ${type(1)}`,
  (name, type) => `interface ${name}<T = ${type(0)}> { item: T; more: ${type(1)}[] }`,
  (name, type) => `type ${name}<T = ${type(0)}> = T[] | { one: T }`,
  (name) => `type ${name} = 'a' | 'b' | 'c'`,
  (name) => `type ${name} = \`p-\${string}\``,
  (name) => `enum ${name} { One, Two = 5, Three }`,
  (name, type) => `type ${name} = keyof ${type(0)}`,
  (name, type) => `type ${name} = [${type(0)}, ${type(1)}?]`,
  (name, type) => `type ${name} = ${type(0)}`,
  (name, type) => `class ${name} extends Error { constructor(readonly detail: ${type(0)}) { super('x') } }`,
  (name, type) => `interface ${name} extends Array<${type(0)}> {}`,
  (name, type) => `namespace ${name}s { export interface Inner { x: ${type(0)} } }\ntype ${name} = ${name}s.Inner`,
  (name, type) =>
    `const value${name} = { a: 1 as number, b: null as unknown as ${type(0)} }\ntype ${name} = typeof value${name}`,
  (name, type) => `type ${name} = Record<string, ${type(0)}> | Set<${type(1)}>`,
]

const REFUSED: readonly Part['write'][] = [
  (name) => `type ${name} = () => void`,
  (name) => `type ${name} = any`,
  (name, type) => `class ${name} { constructor(readonly y: ${type(0)}) {} }`,
  (name, type) => `interface ${name} { (x: ${type(0)}): void }`,
  (name, type) => `interface ${name} { put(x: ${type(0)}): void; a: string }`,
]

const COMPONENTS: readonly Part['write'][] = [
  (name, type) => `interface ${name} extends Component {
  /** @idempotent @timeout 500ms */
  get(id: Key<string>, x: ${type(0)}): Promise<${type(1)}>
  put(x: ${type(2)}): Promise<void>
}`,
  (name, type) => `interface ${name} extends Component {
  put(x: ${type(0)}, more?: ${type(1)}): Promise<${type(2)}>
}`,
  (name, type) =>
    `interface ${name} extends Component { stream(x: ${type(0)}): AsyncIterable<${type(1)}>; put(x: string): Promise<void> }`,
  (name, type) => `interface ${name} extends Component {
  // @timeout 5s
  sync(x: ${type(0)}): number
  put(x: ${type(0)}): Promise<void>
}`,
  (name, type) => `/** @idempotent */
interface ${name} extends Component { put(x: ${type(0)}): Promise<{ deep: ${type(1)} }>; all(...list: ${type(0)}[]): Promise<void> }`,
]

/** `value(0)` is the component that it implements, the others are components that it takes or meets. */
const CLASSES: readonly Part['write'][] = [
  (name, _, value) => `class ${name} implements ${value(0)} {
  constructor(private readonly one: ${value(1)}) {}
  async get() { return null as never }
  async put(x: any): Promise<any> {
    x.a = 1
    this.one.put(x)
    return x
  }
}`,
  (name, _, value) => `class ${name} implements ${value(0)} {
  constructor(private readonly one: ${value(1)}, private readonly two: ${value(2)}, config: Config<{ limit: number }>) {}
  /** @timeout 2s */
  async put(list: any): Promise<any> {
    for (const each of list) await this.one.put(each)
    // weave-ignore WV3007: it is meant
    this.two.put(list)
    const got = await this.two.put(list)
    got.sort()
    if (got === list) return got
  }
}`,
  (name, _, value) => `class ${name} implements ${value(0)} {
  async put(x: any): Promise<any> {
    // weave-ignore WV3016
    get<${value(1)}>().put(x)
    return new ${value(3)}()
  }
}`,
  (name, _, value) => `class ${name} extends ${value(3)} implements ${value(0)} {
  held: ${value(3)} | undefined
  constructor(private readonly one: ${value(1)}, listener: Listener, private readonly log: Logger) { super(undefined as never) }
  async put(x: any): Promise<any> { await Promise.all([x].map((each) => this.one.put(each))) }
}`,
  (name, type, value) => `abstract class ${name} implements ${value(0)} {
  /** @idempotent */
  async put(x: any): Promise<any> { const item: ${type(0)} = x; return item }
}`,
]

const PRELUDE = `import { type Component, type Config, type Json, type Key, type Listener, type Logger, type Shared, get, provide } from 'weavets'\n`
const PLAIN = [
  'string',
  'number',
  'boolean',
  'Date',
  'bigint',
  'Json',
  'Shared<{ s: string }>',
  'Global',
  'undefined',
  'unknown',
]
const FILES = [...'abcdijkm']
  .map((name) => `src/${name}.ts`)
  .concat('src/lib/e.ts', 'src/lib/f.ts', 'src/view.tsx', 'src/h.test.ts')
const BARREL = 'src/lib/index.ts'
const FORMS = ['direct', 'barrel', 'namespace', 'import()', 'renamed', 'alias'] as const

export class RandomProgram {
  readonly #random: () => number
  readonly #parts = new Map<string, Part[]>()
  /** How each file imports from each other. */
  readonly #forms = new Map<string, (typeof FORMS)[number]>()
  /** Text at the end of a file, in which `$T` stands for a type that is used there. */
  readonly #appended = new Map<string, { text: string; use: string }>()
  #written: Record<string, string | undefined> = {}
  #global = 0
  #barrel = 0
  #tsconfig = 0
  #provided = false
  #names = 0

  constructor(random: () => number) {
    this.#random = random
    for (const file of FILES) this.#parts.set(file, [])
    for (let at = 0; at < 26; at++) this.#addType()
    for (let at = 0; at < 8; at++) this.#add(COMPONENTS, 'C')
    for (let at = 0; at < 9; at++) this.#add(CLASSES, 'I')
    this.#parts.get('src/h.test.ts')!.splice(1)
  }

  /** Everything, at the beginning. */
  texts(): Readonly<Record<string, string | undefined>> {
    this.#written = this.#render()
    return this.#written
  }

  step(): Changed {
    const before = this.#written
    const what = this.#change()
    this.#written = this.#render()
    const names = new Set([...Object.keys(before), ...Object.keys(this.#written)])
    const changed = [...names].filter((name) => before[name] !== this.#written[name])
    return { what, texts: Object.fromEntries(changed.map((name) => [name, this.#written[name]])) }
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T
  }

  #all(letter = ''): Part[] {
    return [...this.#parts.values()].flat().filter(({ name }) => name.startsWith(letter))
  }

  /** Mostly names that are there; at times of something that isn't, or of the wrong kind. */
  #uses(letter: string): string[] {
    const any = () => (this.#random() < 0.7 ? this.#pick(PLAIN) : (this.#pick(this.#all('T'))?.name ?? 'Gone'))
    const component = () => this.#pick(this.#all('C'))?.name ?? 'Gone'
    if (letter !== 'I') return [any(), any(), this.#random() < 0.03 ? component() : any()]
    return [component(), component(), component(), this.#pick(this.#all('I'))?.name ?? 'Gone']
  }

  /** A program in which nothing crosses is soon reached, and shows little. */
  #types(): typeof SOUND {
    return this.#random() < 0.96 ? SOUND : REFUSED
  }

  #addType(): string {
    return this.#add(this.#types(), 'T')
  }

  #add(forms: readonly Part['write'][], letter: string): string {
    const file = this.#pick(FILES)
    const name = `${letter}${this.#names++}`
    const part = { name, write: this.#pick(forms), uses: this.#uses(letter), exported: this.#random() < 0.9 }
    this.#parts.get(file)!.push(part)
    return `add ${name} to ${file}`
  }

  #change(): string {
    const chance = this.#random()
    if (this.#random() < 0.4) this.#appended.clear()
    const [file, parts] = this.#pick([...this.#parts].filter(([, each]) => each.length > 0))
    const part = this.#pick(parts)
    if (chance < 0.16) {
      part.write = this.#pick(part.name[0] === 'T' ? this.#types() : part.name[0] === 'C' ? COMPONENTS : CLASSES)
      return `rewrite ${part.name} in ${file}`
    }
    if (chance < 0.32) {
      part.uses[this.#below(part.uses.length)] = this.#pick(this.#uses(part.name[0]!))
      return `${part.name} uses ${part.uses}`
    }
    if (chance < 0.4) return this.#rename(part)
    if (chance < 0.48) {
      parts.splice(parts.indexOf(part), 1)
      const to = this.#pick(FILES)
      this.#parts.get(to)!.splice(this.#below(this.#parts.get(to)!.length + 1), 0, part)
      return `move ${part.name} from ${file} to ${to}`
    }
    if (chance < 0.53) {
      part.exported = !part.exported
      return `export of ${part.name}: ${part.exported}`
    }
    if (chance < 0.58) {
      const double = {
        ...part,
        uses: this.#uses(part.name[0]!),
        write: part.name[0] === 'T' ? this.#pick(this.#types()) : part.write,
      }
      this.#parts.get(this.#random() < 0.6 ? file : this.#pick(FILES))!.push(double)
      return `declare ${part.name} again`
    }
    if (chance < 0.64) return this.#random() < 0.7 ? this.#addType() : this.#add(this.#pick([COMPONENTS, CLASSES]), 'I')
    if (chance < 0.7) {
      parts.splice(parts.indexOf(part), 1)
      return `remove ${part.name} of ${file}`
    }
    if (chance < 0.77) {
      const to = this.#pick(FILES)
      this.#forms.set(`${file} ${to}`, this.#pick(FORMS))
      return `${file} imports ${this.#forms.get(`${file} ${to}`)} from ${to}`
    }
    if (chance < 0.84) return this.#append(file)
    if (chance < 0.96) return this.#turn(chance)
    parts.reverse()
    return `turn ${file} round`
  }

  /** What no file alone decides. */
  #turn(chance: number): string {
    if (chance < 0.88) this.#global = this.#below(6)
    else if (chance < 0.92) this.#barrel = this.#below(4)
    else if (chance < 0.94) this.#tsconfig = this.#below(4)
    else this.#provided = !this.#provided
    return `globals ${this.#global}, barrel ${this.#barrel}, tsconfig ${this.#tsconfig}, provided ${this.#provided}`
  }

  #rename(part: Part): string {
    const to = this.#random() < 0.2 ? this.#pick(this.#all(part.name[0])).name : `${part.name[0]}${this.#names++}`
    const from = part.name
    part.name = to
    // A rename in an editor changes every use; by hand it leaves some.
    if (this.#random() < 0.7)
      for (const each of this.#all()) each.uses = each.uses.map((use) => (use === from ? to : use))
    return `rename ${from} to ${to}`
  }

  /** Text at the end of a file: comments, code, and what breaks syntax until it is taken away. */
  #append(file: string): string {
    const { name } = this.#pick(this.#all('T'))
    const text = this.#pick([
      '',
      '',
      '// a comment\n',
      'export const text = "weave-ignore"\n',
      'interface Broken {\n',
      'export function f(x: number { return x }\n',
      `declare module '$HOME' { interface ${name} { augmented: $T } }\n`,
      'declare global { interface Global { fromModule: $T } }\n',
      'export const late = { a: [1, 2].map((each) => each + 1) }\n',
    ])
    const home = this.#homeOf(name)
    const use = this.#pick(this.#all('T')).name
    this.#appended.set(file, { text: text.replace('$HOME', home ? relativeOf(file, home) : '.'), use })
    return `${file} ends with ${JSON.stringify(text)}`
  }

  #render(): Record<string, string | undefined> {
    const texts: Record<string, string | undefined> = {}
    for (const [file, parts] of this.#parts)
      texts[file] = parts.length === 0 && file !== 'src/b.ts' ? undefined : this.#file(file, parts)
    const lib = ['e', 'f'].filter((each) => texts[`src/lib/${each}.ts`] !== undefined)
    texts[BARREL] = lib
      .map(
        (each) =>
          [
            `export * from './${each}.ts'\n`,
            `export type * from './${each}.ts'\n`,
            `export * as ${each} from './${each}.ts'\nexport * from './${each}.ts'\n`,
            '',
          ][this.#barrel],
      )
      .join('')
    texts[BARREL] += 'export {}\n'
    const globals = [
      'interface Global { g: string }\n',
      'interface Global { g: string; more: number }\n',
      'type Global = string | number\n',
      'declare namespace Spaces { interface Global { x: 1 } }\ninterface Global extends Spaces.Global {}\n',
      'declare module "ambient" { export interface T0 { x: 1 } }\ninterface Global { g: import("ambient").T0 }\n',
      `interface Global { g: ${this.#imported('T3')} }\n`,
    ][this.#global]!
    texts['src/globals.d.ts'] =
      `${globals}declare namespace JSX { interface IntrinsicElements { div: { class: string } } }\n`
    const root = this.#all('C').map(({ name }) => name)
    const first = this.#parts.get('src/a.ts')!.find(({ name, exported }) => name.startsWith('C') && exported)
    texts['src/root.ts'] = `import { get, type Main } from 'weavets'
${first ? `import type { ${first.name} } from './a.ts'\n` : ''}export class Root implements Main {
  ${first ? `constructor(readonly one: ${first.name}) {}` : ''}
  async main() { ${first ? `await get<${first.name}>().put({} as never)` : ''} }
}
// ${root.length}
`
    const provide =
      this.#provided && first
        ? `import { provide } from 'weavets'\nimport type { ${first.name} } from './a.ts'\nprovide<${first.name}>(() => null as never)\n`
        : ''
    texts['src/main.ts'] =
      `import { run } from 'weavets'\nimport { Root } from './root.ts'\n${provide}await run(Root)\n`
    texts['tsconfig.json'] = JSON.stringify({
      compilerOptions: {
        target: 'es2024',
        lib: ['es2018'],
        module: 'nodenext',
        types: [],
        strict: this.#tsconfig !== 1,
        exactOptionalPropertyTypes: this.#tsconfig === 2,
        noEmit: true,
        skipLibCheck: true,
        allowImportingTsExtensions: true,
        jsx: 'preserve',
        paths: { '#lib': [this.#tsconfig === 3 ? './src/lib/e.ts' : './src/lib/index.ts'] },
      },
      include: ['src'],
    })
    return texts
  }

  #homeOf(name: string): string | undefined {
    return [...this.#parts].find(([, each]) => each.some((one) => one.name === name))?.[0]
  }

  /** As a file at the top of `src` names it without importing it. */
  #imported(name: string): string {
    const home = this.#homeOf(name)
    return home === undefined ? 'string' : `import('${relativeOf('src/globals.d.ts', home)}').${name}`
  }

  #file(file: string, parts: readonly Part[]): string {
    const imports = new Map<string, string>()
    const local = new Set(parts.map(({ name }) => name))
    const refer = (name: string): string => {
      if (local.has(name) || PLAIN.includes(name)) return name
      const home = this.#homeOf(name)
      if (home === undefined) return name
      const path = relativeOf(file, home)
      const inLib = home.startsWith('src/lib/')
      const form = this.#forms.get(`${file} ${home}`) ?? 'direct'
      if (form === 'namespace') {
        const alias = `ns${FILES.indexOf(home)}`
        imports.set(alias, `import * as ${alias} from '${path}'\n`)
        return `${alias}.${name}`
      }
      if (form === 'import()') return `import('${path}').${name}`
      if (form === 'renamed') {
        imports.set(name, `import { type ${name} as Other${name} } from '${path}'\n`)
        return `Other${name}`
      }
      const from = inLib && form === 'barrel' ? relativeOf(file, BARREL) : inLib && form === 'alias' ? '#lib' : path
      imports.set(name, `import { ${name} } from '${from}'\n`)
      return name
    }
    const bodies = parts.map((part) => {
      const use = (at: number): string => refer(part.uses[at % part.uses.length]!)
      const written = part.write(part.name, use, use)
      return part.exported ? written.replace(/^(\/\*\*[^\n]*\n)?/, '$1export ') : written
    })
    const jsx = file.endsWith('.tsx') ? 'export const shown = () => <div class="x" />\n' : ''
    const { text = '', use = '' } = this.#appended.get(file) ?? {}
    const appended = text.includes('$T') ? text.replace('$T', refer(use)) : text
    return [PRELUDE, ...imports.values(), ...bodies.map((body) => `${body}\n`), jsx, appended].join('')
  }
}

function relativeOf(from: string, to: string): string {
  const inLib = from.startsWith('src/lib/')
  if (to.startsWith('src/lib/')) return inLib ? to.replace('src/lib/', './') : to.replace('src/', './')
  return inLib ? to.replace('src/', '../') : to.replace('src/', './')
}
