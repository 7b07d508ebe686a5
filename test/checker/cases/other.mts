import type { Component, Main } from 'weavets'
import type { Common } from './common.cjs'
export interface Modern extends Component { common(value: Common): Promise<Common['list']> }
export class ModernImpl implements Modern { async common(value: Common) { return value.list } }
export default class Root implements Main {
  constructor(readonly modern: Modern) {}
  async main(): Promise<void> {}
}
