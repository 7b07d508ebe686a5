// EXPECT Mail.send(): undefined
// EXPECT Mail provided
// EXPECT run Root Root private() get Mail: Mail
// EXPECT error WV3012 at 31:21 'get' does not say which component.
// EXPECT error WV3013 at 32:5 'NotOne & Component' is not a component of this application.
// EXPECT error WV1005 at 33:5 'Repo<string>' takes type arguments, and a component has none.
// EXPECT error WV3012 at 35:14 'get' is given a type parameter, which stands for many components.
// EXPECT error WV3011 at 42:13 'calls.ts' starts a second application.
// EXPECT error WV3011 at 43:19 'calls.ts' starts a second application.
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
