import { run } from 'weavets'

class Root {
  begin() {}
}
// @ts-expect-error
await run(Root)
