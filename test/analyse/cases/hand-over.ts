// EXPECT error WV3018 at 20:3 'RealHalf' has 'handOver' and no 'takeOver', so its state cannot go with it.
// EXPECT error WV3018 at 28:9 'takeOver' takes 'string', and 'handOver' gives 'number'.
// EXPECT error WV2004 at 35:38 'handOver().close' is a function, which cannot leave its process.
// EXPECT error WV3018 at 43:17 'RealHidden.handOver' is not a public method without parameters.
// EXPECT error WV3018 at 52:9 'RealEager.takeOver' is not a public method with one parameter.
import type { Component } from 'weavets'

export interface Whole extends Component { add(): Promise<number> }
/** @stateful */
export class RealWhole implements Whole {
  async add() { return 1 }
  async handOver() { return new Map([['a', { counts: [1], since: new Date() }]]) }
  async takeOver(_state: Map<string, { counts: number[]; since: Date }>) {}
}

/** @stateful */
export interface Half extends Component { add(): Promise<number> }
export class RealHalf implements Half {
  async add() { return 1 }
  handOver(): number { return 1 }
}

export interface Other extends Component { add(): Promise<number> }
/** @stateful */
export class RealOther implements Other {
  async add() { return 1 }
  async handOver(): Promise<number> { return 1 }
  async takeOver(_state: string) {}
}

export interface Open extends Component { add(): Promise<number> }
/** @stateful */
export class RealOpen implements Open {
  async add() { return 1 }
  async handOver(): Promise<{ close: () => void }> { return { close: () => {} } }
  async takeOver(_state: { close: () => void }) {}
}

export interface Hidden extends Component { add(): Promise<number> }
/** @stateful */
export class RealHidden implements Hidden {
  async add() { return 1 }
  private async handOver() { return 1 }
  async takeOver(_state: number) {}
}

export interface Eager extends Component { add(): Promise<number> }
/** @stateful */
export class RealEager implements Eager {
  async add() { return 1 }
  async handOver() { return 1 }
  async takeOver() {}
}

// Without the tag these are methods like any other.
export interface Plain extends Component { add(): Promise<number> }
export class RealPlain implements Plain {
  async add() { return 1 }
  handOver() { return () => {} }
}
