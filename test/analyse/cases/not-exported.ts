// EXPECT Ping by Pinger export _Pinger()
// EXPECT error WV1007 at 21:14 The constructor of 'Ponger' is not public.
// EXPECT error WV1013 at 28:11 The component 'Secret' must be exported.
// EXPECT error WV1007 at 34:7 'Opener' must be exported from its module, since generated code imports it.
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
