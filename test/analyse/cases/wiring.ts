// EXPECT run Root Root(A, Needed, Needed, default n, default o) get Asked: Asked, C, B, A, Needed
// EXPECT error WV3003 at 34:27 A → B → C → A: none can be constructed first.
// EXPECT error WV3002 at 47:14 'First', 'Second' and 'Third' all implement 'Twice'.
// EXPECT error WV3001 at 56:14 No class implements 'Asked', needed by 'Root'.
// EXPECT error WV3001 at 59:22 No class implements 'Needed', needed by 'Root'.
// EXPECT error WV3005 at 60:24 'concrete: BImpl' names a class, so the call could never leave this process.
// EXPECT error WV3004 at 61:19 Parameter 'url: string' of 'Root' is not a component and has no default.
// EXPECT error WV3004 at 62:13 Parameter 'signal: AbortSignal' of 'Root' is not a component and has no default.
import { type Component, get, run, type Main } from 'weavets'

export interface A extends Component {
  a(): Promise<void>
}
export interface B extends Component {
  b(): Promise<void>
}
export interface C extends Component {
  c(): Promise<void>
}
export interface Alone extends Component {
  x(): Promise<void>
}
export interface Needed extends Component {
  x(): Promise<void>
}
export interface Asked extends Component {
  x(): Promise<void>
}
export interface Twice extends Component {
  x(): Promise<void>
}

export class AImpl implements A {
  constructor(readonly b: B) {}
  async a() {}
}
export class BImpl implements B {
  constructor(readonly c: C) {}
  async b() {}
}
export class CImpl implements C {
  constructor(readonly a: A) {}
  async c() {
    await get<Asked>().x()
  }
}
export class First implements Twice {
  constructor(url: string, ...more: number[]) {}
  async x() {}
}
export class Second implements Twice {
  async x() {}
}
export class Third extends Second {}

export class Root implements Main {
  constructor(
    readonly a: A,
    readonly needed: Needed,
    readonly concrete: BImpl,
    readonly url: string,
    signal: AbortSignal,
    readonly again?: Needed,
    readonly n = 5,
    readonly o?: string,
  ) {}
  async main() {}
}
await run(Root)
