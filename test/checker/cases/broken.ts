/** Not TypeScript, so its errors are reported as they are. */
import type { Component } from 'weavets'
export interface Broken extends Component { m(a: string: Promise<void> }
export const text = 'unclosed
