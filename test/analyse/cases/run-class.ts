import { type Main, run } from 'weavets'

const Root = class implements Main {
  async main() {}
}
await run(Root)
