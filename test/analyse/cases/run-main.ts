import { run } from 'weavets'

class Root {
  constructor(readonly name = '') {}
}
await run(Root as never)
