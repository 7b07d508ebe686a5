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
