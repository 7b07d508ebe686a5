// EXPECT Bank.pay(amount: Money): Money[]
// EXPECT type Money = codec Money (tells) of { currency: string; units: bigint }
// EXPECT type Tree = codec Tree (tells) of { children: Tree[]; label: string }
// EXPECT type Account = { balance: Money; id: string }
// EXPECT Bank.either(a: (null | string | Money | Account)): Tree
// EXPECT Bank.given(a: Duration): undefined
// EXPECT error WV2019 at 61:12 'local(a)' has a codec that cannot be used: its codec cannot be imported: 'Local' is not exported from a module of the project.
// EXPECT error WV2019 at 62:12 'other(a)' has a codec that cannot be used: its codec gives 'Money', not 'Other'.
// EXPECT error WV2005 at 63:12 'bare(a)' is an instance of the class 'Bare', which would arrive without its methods and private state.
// EXPECT error WV2004 at 64:12 'wrong(a) (as its codec encodes it).run' is a function, which cannot leave its process.
// EXPECT error WV2005 at 65:15 'inherits(a)' is an instance of the class 'Euro', which would arrive without its methods and private state.
// EXPECT type Duration = codec Duration (tells) of number
import type { Codec, Component } from 'weavets'
export class Money {
  readonly #units: bigint
  constructor(units: bigint, readonly currency: string) { this.#units = units }
  get units() { return this.#units }
  static readonly codec: Codec<Money, { units: bigint; currency: string }> = {
    encode: ({ units, currency }) => ({ units, currency }),
    decode: ({ units, currency }) => new Money(units, currency),
  }
}
export class Euro extends Money {}
export class Tree {
  constructor(readonly label: string, readonly children: Tree[]) {}
  static codec: Codec<Tree, { label: string; children: Tree[] }> = {
    encode: (tree) => tree,
    decode: ({ label, children }) => new Tree(label, children),
  }
}
/** Two methods are a codec, whatever it was declared as. */
export class Duration {
  constructor(readonly ms: number) {}
  static readonly codec = {
    encode(value: Duration) { return value.ms },
    decode(wire: number) { return new Duration(wire) },
  }
}
export interface Account { id: string; balance: Money }
class Local {
  static readonly codec: Codec<Local, string> = { encode: String, decode: () => new Local() }
}
export class Other {
  static readonly codec: Codec<Money, string> = { encode: String, decode: () => new Money(1n, '') }
}
export class Bare {
  static readonly codec = 'utf8'
}
export class Wrong { static readonly codec: Codec<Wrong, { run: () => void }> = {
  encode: () => ({ run() {} }),
  decode: () => new Wrong(),
} }
// biome-ignore format: lines are counted
export interface Bank extends Component {
  pay(amount: Money): Promise<Money[]>
  either(a: Money | Account | string | null): Promise<Tree>
  given(a: Duration): Promise<void>
}
// biome-ignore format: lines are counted
export interface Broken extends Component {
  local(a: Local): Promise<void>
  other(a: Other): Promise<void>
  bare(a:  Bare): Promise<void>
  wrong(a: Wrong): Promise<void>
  inherits(a: Euro): Promise<void>
}
