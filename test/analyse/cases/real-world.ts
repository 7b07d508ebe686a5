// EXPECT Real.big(a: bigint, b: Uint8Array, c: Uint8Array): undefined
// EXPECT Real.brandA(a: string): undefined
// EXPECT Real.brandB(a: string): undefined
// EXPECT Real.classBrand(a: string): undefined
// EXPECT Real.conf(a: Config2, b: NumberBox): undefined
// EXPECT Real.deepR(a: readonly { readonly age: number; readonly id: string; readonly name?: string; readonly nested: { readonly a: 1; readonly b?: 2 } }[], b: DeepPartial<User>): undefined
// EXPECT Real.dist(a: ({ n: number } having n | { s: string } else)): undefined
// EXPECT Real.effect(a: string): undefined
// EXPECT Real.empty(a: Empty): undefined
// EXPECT Real.enums(a: "DOWN"|"UP", b: number, c: ("YES" | number), d: number, e: number, f: ("DOWN"|"UP" | number)): undefined
// EXPECT Real.err(a: Err, b: error, c: Dates): undefined
// EXPECT Real.flavored(a: number): undefined
// EXPECT Real.getters(a: Getters<User>, b: OnlyStrings<User>): undefined
// EXPECT Real.inferT(a: User, b: { ok: true }): undefined
// EXPECT Real.inter(a: Inter, b: Inter2): undefined
// EXPECT Real.interP(a: undefined): undefined
// EXPECT Real.interU(a: InterUnion): undefined
// EXPECT Real.json(a: JsonLike): undefined
// EXPECT Real.keyed(a: Keyed, b: Merge, c: Page<string, { "n": number }>, d: Page<lib.Date, { "n": number }>): undefined
// EXPECT Real.labeled(a: [string, number?, ...boolean], b: [string, boolean, date, number]): undefined
// EXPECT Real.misc(a: string, b: "b"|"c", c: { a: 1; k: "a" }, d: 1, e: string, f: "ABC"|"x-1"|"x-2"|"y-1"|"y-2", g: { deep: string }, h: [string, number], i: (null | true|1|2|3|"x"), j: Lit): undefined
// EXPECT Real.mylist(a: MyList): undefined
// EXPECT Real.objBrand(a: { id: string }): undefined
// EXPECT Real.opaque(a: string): undefined
// EXPECT Real.opaqueObj(a: { id: string }): undefined
// EXPECT Real.ov(a: Ov, b: NeverMember, c: VoidM, d: Fnless): undefined
// EXPECT Real.parr(a: (undefined | string)[]): undefined
// EXPECT Real.rarr(a: readonly string[]): undefined
// EXPECT Real.rdate(a: date): undefined
// EXPECT Real.recs(a: UnionKeys, b: { a?: number; b?: number }, c: EnumRec, d: NumRec, e: readonly Map<string, readonly Set<readonly number[]>>): undefined
// EXPECT Real.rmap(a: readonly Map<string, number>): undefined
// EXPECT Real.rset(a: readonly Set<string>): undefined
// EXPECT Real.ru8(a: Uint8Array): undefined
// EXPECT Real.rurl(a: url): undefined
// EXPECT Real.sat(a: { readonly host: "x"; readonly port: 80; readonly tags: readonly ["a", "b"] }, b: { list: number[]; port: number }): undefined
// EXPECT Real.smap(a: StringMap): undefined
// EXPECT Real.spread(...args: [string, number?]): undefined
// EXPECT Real.spread2(...args: [string, ...number]): undefined
// EXPECT Real.sym(a: Sym): undefined
// EXPECT Real.thisT(a: ThisT): undefined
// EXPECT Real.tkeys(a: TemplateKeys, b: Mixed2): undefined
// EXPECT Real.tree(a: Tree, b: Rec, c: Exp): undefined
// EXPECT Real.tuple(a: Tuple): undefined
// EXPECT Real.typeFest(a: string): undefined
// EXPECT Real.zod(a: string): undefined
// EXPECT Real2.big(a: readonly Map<User, Set<[User, User?]>>): undefined
// EXPECT Real2.deep(a: DeepRO<Stamped>): undefined
// EXPECT Real2.emptyInter(a: string, b: { a: 1 }, c: string, d: { a: 1 }): undefined
// EXPECT Real2.enumU(a: "UP"|"YES"|"z"): ("YES" | number)
// EXPECT Real2.gen(a: Page<Page<User, { "n": number }>, { "n": number }>): Page<User, { "z": lib.Date }>
// EXPECT Real2.list(a: JSONValue): undefined
// EXPECT Real2.loose(a: LooseAuto, b: string, c: string): undefined
// EXPECT Real2.narrowed(a: Narrowed): undefined
// EXPECT Real2.never2(): undefined
// EXPECT Real2.opt(a?: {  }, b?: null): undefined
// EXPECT Real2.partial(a: date): undefined
// EXPECT Real2.pick2(a: { host: string; href: string }): undefined
// EXPECT Real2.simp(a: { a: 1; b: date }, b: StrictOmit<User, "nested">, c: { a: 1; b: 2 }): undefined
// EXPECT Real2.tpl(a: string, b: string): undefined
// EXPECT Real3.both(a: BothLists): undefined
// EXPECT Real3.same(a: string[], b: date): undefined
// EXPECT type BothLists = { tags: { a: string; b?: number }[] }
// EXPECT type Config2 = { readonly age: number; extra: boolean; id: string; name?: string }
// EXPECT type Dates = { a: (null | date); b?: date }
// EXPECT type DeepPartial<User> = { readonly age?: number; id?: string; name?: string; nested?: DeepPartial<{ "a": 1; "b"?: 2 | undefined }> }
// EXPECT type DeepPartial<{ "a": 1; "b"?: 2 | undefined }> = { a?: 1; b?: 2 }
// EXPECT type DeepRO<Stamped> = { readonly at: date; readonly bytes: Uint8Array; readonly link: url; readonly list: readonly date[]; readonly map: Map<string, date>; readonly re: regexp; readonly tup: readonly [date, string] }
// EXPECT type Empty = { [key]: undefined }
// EXPECT type EnumRec = { DOWN: number; UP: number }
// EXPECT type Err = error
// EXPECT type Exp = ({ e: Exp; op: "neg" } when op="neg" | { l: Exp; op: "add"; r: Exp } when op="add" | { op: "num"; v: number } when op="num")
// EXPECT type Fnless = { readonly age: number; id: string; name?: string; nested: { a: 1; b?: 2 } }
// EXPECT type Getters<User> = { readonly getAge: number; getId: string; getName?: string; getNested: { a: 1; b?: 2 } }
// EXPECT type Inter = { a: string; b: number }
// EXPECT type Inter2 = { a: string }
// EXPECT type InterUnion = ({ common: string; t: "a"; x: 1 } when t="a" | { common: string; t: "b"; y: 2 } when t="b")
// EXPECT type JSONArray = JSONValue[]
// EXPECT type JSONValue = (number | string | JSONArray | { [key]: JSONValue })
// EXPECT type JsonLike = (null | boolean | number | string | JsonLike[] | { [key]: JsonLike })
// EXPECT type Keyed = { a: number; b: number; c?: string }
// EXPECT type Lit = { c: number; e: "YES"; kind: "UP"; n: 1 }
// EXPECT type LooseAuto = string
// EXPECT type Merge = { a: string; b: number }
// EXPECT type Mixed2 = { length: number; [key number]: string }
// EXPECT type MyList = readonly string[]
// EXPECT type Narrowed = { t: "a"; x: 1 }
// EXPECT type NeverMember = { a: string; b: undefined }
// EXPECT type NumRec = { [key number]: date }
// EXPECT type NumberBox = { unit: string; value: number }
// EXPECT type OnlyStrings<User> = { id: string; name?: string }
// EXPECT type Ov = { readonly age: number; id: string; name: number; nested: { a: 1; b?: 2 } }
// EXPECT type Page<lib.Date, { "n": number }> = { items: date[]; more: { n: number } }
// EXPECT type Page<Page<User, { "n": number }>, { "n": number }> = { items: Page<User, { "n": number }>[]; more: { n: number } }
// EXPECT type Page<User, { "n": number }> = { items: User[]; more: { n: number } }
// EXPECT type Page<User, { "z": lib.Date }> = { items: User[]; more: { z: date } }
// EXPECT type Page<string, { "n": number }> = { items: string[]; more: { n: number } }
// EXPECT type Rec = { [key]: (string | Rec) }
// EXPECT type StrictOmit<User, "nested"> = { readonly age: number; id: string; name?: string }
// EXPECT type StringMap = { known: string; [key]: string }
// EXPECT type Sym = { a: string }
// EXPECT type TemplateKeys = { [key ^data-[^]*$ ^n-(?:(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?|-?Infinity|NaN))$]: string }
// EXPECT type ThisT = { self: string }
// EXPECT type Tree = { left?: Tree; right?: Tree; value: number }
// EXPECT type Tuple = readonly [string, number]
// EXPECT type UnionKeys = { a: { v: number }; b: { v: number } }
// EXPECT type User = { readonly age: number; id: string; name?: string; nested: { a: 1; b?: 2 } }
// EXPECT type VoidM = { a: undefined }
import type { Component } from 'weavets'
// enums
const enum Direction { Up = 'UP', Down = 'DOWN' }
const enum Size { S, M, L }
enum Mixed { No = 0, Yes = 'YES', Maybe = 2 }
enum Computed { A = 'abc'.length, B = 1 << 4 }
declare enum Ambient { X = 1, Y }
// brands
declare const brand: unique symbol
type BrandA = string & { [brand]: 'A' }
type BrandB = string & { readonly __brand: unique symbol }
declare const BRAND: unique symbol
type ZodBrand<T> = { [BRAND]: { [k in T & string]: true } }
type Zod = string & ZodBrand<'UserId'>
type Opaque<T, K> = T & { readonly __opaque__: K }
type Flavored = number & { __flavor?: 'cents' }
type TypeFest = string & { readonly [key in 'tag']: 'x' }
type EffectBrand = string & { readonly [brand]: { readonly Int: 'Int' } }
type ObjBrand = { id: string } & ZodBrand<'Obj'>
declare class Tagged<T> { private readonly _tag: T }
type ClassBrand = string & Tagged<'x'>
// readonly things
type RDate = Readonly<Date>
type RMap = Readonly<Map<string, number>>
type RArr = Readonly<string[]>
type RSet = Readonly<Set<string>>
type PArr = Partial<string[]>
type RU8 = Readonly<Uint8Array>
type RUrl = Readonly<URL>
// mapped
interface User { id: string; name?: string; readonly age: number; nested: { a: 1; b?: 2 } }
type Getters<T> = { [K in keyof T as `get${Capitalize<K & string>}`]: T[K] }
type OnlyStrings<T> = { [K in keyof T as T[K] extends string | undefined ? K : never]: T[K] }
type DeepReadonly<T> = T extends (infer E)[] ? readonly DeepReadonly<E>[] : T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T
type DeepPartial<T> = { [K in keyof T]?: T[K] extends object ? DeepPartial<T[K]> : T[K] }
type ElementOf<T> = T extends (infer E)[] ? E : never
type Ret = ReturnType<() => Promise<{ ok: true }>>
const settings = { port: 80, host: 'x', tags: ['a', 'b'] } as const satisfies { port: number; host: string; tags: readonly string[] }
const plain = { port: 80, list: [1, 2] }
type Keyed = { [K in 'a' | 'b']: number } & { [K in 'c']?: string }
interface Merge { a: string }
interface Merge { b: number }
interface Page<T = string, U extends object = { n: number }> { items: T[]; more: U }
interface StringMap extends Record<string, string> { known: string }
interface Config2 extends Omit<User, 'nested'> { extra: boolean }
interface Box<T> { value: T }
interface NumberBox extends Box<number> { unit: string }
interface Tuple extends Readonly<[a: string, b: number]> {}
interface MyList extends ReadonlyArray<string> {}
type Labeled = [first: string, second?: number, ...rest: boolean[]]
type Variadic<T extends unknown[]> = [string, ...T, number]
type Prepend = Variadic<[boolean, Date]>
type TemplateKeys = { [k: `data-${string}`]: string; [k: `n-${number}`]: string }
type Mixed2 = { [k: number]: string; length: number }
type JsonLike = string | number | boolean | null | JsonLike[] | { [key: string]: JsonLike }
type Tree = { value: number; left?: Tree; right?: Tree }
type Rec = { [key: string]: Rec | string }
type Exp = { op: 'add'; l: Exp; r: Exp } | { op: 'num'; v: number } | { op: 'neg'; e: Exp }
type Distribute<T> = T extends string ? { s: T } : T extends number ? { n: T } : never
type Inter = { a: string } & { a: string; b: number }
type Inter2 = { a: string | number } & { a: string }
type InterUnion = ({ t: 'a'; x: 1 } | { t: 'b'; y: 2 }) & { common: string }
type InterPrim = { t: 'a' } & { t: 'b' }
type Nullish = NonNullable<string | null | undefined>
type Excl = Exclude<'a' | 'b' | 'c', 'a'>
type Ext = Extract<{ k: 'a'; a: 1 } | { k: 'b' }, { k: 'a' }>
type Idx = User['nested']['a']
type Opt = Required<User>['name']
type U1 = Uppercase<'abc'> | `${'x' | 'y'}-${1 | 2}`
type Inferred = Awaited<Promise<Promise<{ deep: string }>>>
type Param = Parameters<(a: string, b: number) => void>
type LongU = 1 | 2 | 3 | 'x' | true | null
interface Lit { kind: Direction.Up; n: Size.M; e: Mixed.Yes; c: Computed.A }
type Empty = Record<string, never>
type UnionKeys = Record<'a' | 'b', { v: number }>
type PartialRec = Partial<Record<'a' | 'b', number>>
type EnumRec = Record<Direction, number>
type NumRec = Record<number, Date>
type RO = ReadonlyMap<string, ReadonlySet<readonly number[]>>
type Ov = Omit<User, 'name'> & { name: number }
type NeverMember = { a: string; b: never }
type VoidM = { a: void }
type Fnless = { [K in keyof User as User[K] extends Function ? never : K]: User[K] }
type ThisT = { self: string } & ThisType<{ x: 1 }>
type Sym = { a: string; [Symbol.iterator]?: never }
type BigU = 1n | 2n | bigint
type B8 = Uint8Array<ArrayBuffer>
type B9 = Uint8Array<ArrayBufferLike>
type Err = RangeError | TypeError
type ReadonlyErr = Readonly<Error>
type Dates = { a: Date | null; b?: Date | undefined }
// biome-ignore format: lines are counted
export interface Real extends Component {
  enums(a: Direction, b: Size, c: Mixed, d: Computed, e: Ambient, f: Direction | Size): Promise<void>
  brandA(a: BrandA): Promise<void>
  brandB(a: BrandB): Promise<void>
  zod(a: Zod): Promise<void>
  opaque(a: Opaque<string, 'k'>): Promise<void>
  opaqueObj(a: Opaque<{ id: string }, 'k'>): Promise<void>
  flavored(a: Flavored): Promise<void>
  typeFest(a: TypeFest): Promise<void>
  effect(a: EffectBrand): Promise<void>
  objBrand(a: ObjBrand): Promise<void>
  classBrand(a: ClassBrand): Promise<void>
  rdate(a: RDate): Promise<void>
  rmap(a: RMap): Promise<void>
  rarr(a: RArr): Promise<void>
  rset(a: RSet): Promise<void>
  parr(a: PArr): Promise<void>
  ru8(a: RU8): Promise<void>
  rurl(a: RUrl): Promise<void>
  getters(a: Getters<User>, b: OnlyStrings<User>): Promise<void>
  deepR(a: DeepReadonly<User[]>, b: DeepPartial<User>): Promise<void>
  inferT(a: ElementOf<User[]>, b: Awaited<Ret>): Promise<void>
  sat(a: typeof settings, b: typeof plain): Promise<void>
  keyed(a: Keyed, b: Merge, c: Page, d: Page<Date>): Promise<void>
  smap(a: StringMap): Promise<void>
  conf(a: Config2, b: NumberBox): Promise<void>
  tuple(a: Tuple): Promise<void>
  mylist(a: MyList): Promise<void>
  labeled(a: Labeled, b: Prepend): Promise<void>
  tkeys(a: TemplateKeys, b: Mixed2): Promise<void>
  json(a: JsonLike): Promise<void>
  tree(a: Tree, b: Rec, c: Exp): Promise<void>
  dist(a: Distribute<string | number>): Promise<void>
  inter(a: Inter, b: Inter2): Promise<void>
  interU(a: InterUnion): Promise<void>
  interP(a: InterPrim): Promise<void>
  misc(a: Nullish, b: Excl, c: Ext, d: Idx, e: Opt, f: U1, g: Inferred, h: Param, i: LongU, j: Lit): Promise<void>
  empty(a: Empty): Promise<void>
  recs(a: UnionKeys, b: PartialRec, c: EnumRec, d: NumRec, e: RO): Promise<void>
  ov(a: Ov, b: NeverMember, c: VoidM, d: Fnless): Promise<void>
  thisT(a: ThisT): Promise<void>
  sym(a: Sym): Promise<void>
  big(a: BigU, b: B8, c: B9): Promise<void>
  err(a: Err, b: ReadonlyErr, c: Dates): Promise<void>
  spread(...args: [string, number?]): Promise<void>
  spread2(...args: Parameters<(a: string, ...b: number[]) => void>): Promise<void>
}
type Narrowed = ({ t: 'a'; x: 1 } | { t: 'b'; y: 2 }) & { t: 'a' }
interface JSONArray extends Array<JSONValue> {}
type JSONValue = string | number | JSONArray | { [k: string]: JSONValue }
type DeepRO<T> = { readonly [K in keyof T]: DeepRO<T[K]> }
interface Stamped { at: Date; map: Map<string, Date>; re: RegExp; bytes: Uint8Array; link: URL; list: Date[]; tup: [Date, string] }
type Simplify<T> = { [K in keyof T]: T[K] } & {}
type Merged2 = Simplify<{ a: 1 } & { b: Date }>
type StrictOmit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>
type UnionToIntersection<U> = (U extends unknown ? (k: U) => void : never) extends (k: infer I) => void ? I : never
type LooseAuto = 'a' | 'b' | (string & {})
type Id2 = `${string}-${string}-${string}-${string}-${string}`
export interface Real2 extends Component {
  narrowed(a: Narrowed): Promise<void>
  list(a: JSONValue): Promise<void>
  deep(a: DeepRO<Stamped>): Promise<void>
  simp(a: Merged2, b: StrictOmit<User, 'nested'>, c: UnionToIntersection<{ a: 1 } | { b: 2 }>): Promise<void>
  loose(a: LooseAuto, b: Id2, c: 'x' | string): Promise<void>
  pick2(a: Pick<URL, 'href' | 'host'>): Promise<void>
  partial(a: Partial<Date>): Promise<void>
  emptyInter(a: string & {}, b: {} & { a: 1 }, c: unknown & string, d: object & { a: 1 }): Promise<void>
  opt(a?: { x?: undefined }, b?: null): Promise<undefined | void>
  never2(): Promise<never>
  gen(a: Page<Page<User>>): Promise<Page<User, { z: Date }>>
  enumU(a: Direction.Up | 'z' | Mixed.Yes): Promise<Mixed>
  tpl(a: Uncapitalize<string>, b: `${number}`): Promise<void>
  big(a: ReadonlyMap<User, Set<[User, User?]>>): Promise<void>
}
type BothLists = { tags: { a: string }[] } & { tags: { b?: number }[] }
export interface Real3 extends Component {
  both(a: BothLists): Promise<void>
  same(a: string[] & string[], b: Date & Readonly<Date>): Promise<void>
}
