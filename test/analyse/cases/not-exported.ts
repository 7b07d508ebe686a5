import type { Component } from 'weavets'

interface Hidden extends Component {
  ping(): Promise<void>
}

export interface Ping extends Component {
  ping(): Promise<void>
}
class Pinger implements Ping {
  async ping() {}
}

export interface Pong extends Component {
  pong(): Promise<void>
}
export class Ponger implements Pong {
  private constructor() {}
  async pong() {}
}
export type { Hidden as _Hidden }
export { Pinger as _Pinger }

interface Secret extends Component {
  ping(): Promise<void>
}
export interface Open extends Component {
  ping(): Promise<void>
}
class Opener implements Open {
  async ping() {}
}
export const use: Secret | Opener | undefined = undefined
