/**
 * The one error class of weavets, recognised by a symbol brand (two copies of the package may meet in one process), told
 * apart by `code`. The table is the list of everything that can go wrong with a call or an application at run time.
 */

/** Code → when it is raised. Codes are stable; texts are not. */
export const ERROR_CODES = {
  WV_UNTRANSFORMED: 'a file reached the runtime without having gone through the transformer',
  WV_NODE_VERSION: 'the Node.js that runs this is older than weavets supports',
  WV_NOT_RUNNING: '`get` was called outside a running application',
  WV_CONFIG: 'weave.config.ts does not fit the application',
  WV_START: 'a component could not be constructed or started',
  WV_VALUE: 'an argument or result is not of its declared type',
  WV_PROTOCOL: 'the peer sent bytes that are not the protocol',
  WV_VERSION: 'the peer runs another version, application or protocol',
  WV_IDENTITY: 'the peer did not prove who it is, or is not who the routes say',
  WV_FORBIDDEN: "the caller's group declares no dependency on the callee",
  WV_UNAVAILABLE: 'no replica could be reached, or the one that had the call is gone',
  WV_DEADLINE: 'the deadline passed before an answer came',
  WV_LEFT: 'the reader of a stream has left it while its producer was making the next item',
  WV_OVERLOADED: 'a limit on calls in flight or bytes queued was reached',
  WV_NO_METHOD: 'the callee does not host the component or know the method',
  WV_STOPPING: 'the application is stopping',
  WV_DEPLOY: 'a deployment could not go on',
} as const

export type ErrorCode = keyof typeof ERROR_CODES

/** caller → callee.method, in full names. */
export interface Edge {
  readonly caller: string
  readonly callee: string
  readonly method: string
}

export interface WeaveErrorOptions {
  code: ErrorCode
  cause?: unknown
  edge?: Edge | undefined
  /** For a call that failed on the way: `'no'` is a promise that the callee never saw it. */
  executed?: 'no' | 'maybe' | undefined
}

const BRAND = Symbol.for('weavets.error')

export class WeaveError extends Error {
  readonly code: ErrorCode
  readonly edge: Edge | undefined
  readonly executed: 'no' | 'maybe' | undefined

  constructor(message: string, options: WeaveErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.edge = options.edge
    this.executed = options.executed
  }

  static {
    Object.defineProperty(WeaveError.prototype, 'name', { value: 'WeaveError', configurable: true, writable: true })
    Object.defineProperty(WeaveError.prototype, BRAND, { value: true })
  }

  /** True for an error of any loaded copy of weavets. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }
}
