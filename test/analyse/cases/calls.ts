import * as weave from 'weavets'
import { type Component, get as ask, type Main, provide } from 'weavets'
import { fake, startApp } from 'weavets/testing'

export interface Mail extends Component {
  send(): Promise<void>
}
interface NotOne {
  send(): Promise<void>
}
export interface Repo<T> extends Component {
  load(): Promise<T>
}
class LegacyMail implements Mail {
  constructor(pool: string) {}
  async send() {}
}

provide<Mail>(() => new LegacyMail(''))
ask<Mail>()
weave.get<Mail>()
const named: Mail = ask()
ask<NotOne & Component>()
ask<Repo<string>>()
function generic<T extends Component>() {
  return ask<T>()
}
class NoMain {}
class Root implements Main {
  async main() {}
}
await weave.run(Root)
await weave.run(NoMain as never)
const app = await startApp()
app.get<Mail>()
fake<Mail>({ async send() {} })
const map = new Map<string, string>()
map.get('x')
export const used = [named, generic]
