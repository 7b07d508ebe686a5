// EXPECT error WV3010 at 7:11 'Root' has no method 'main'.
import { run } from 'weavets'

class Root {
  constructor(readonly name = '') {}
}
await run(Root as never)
