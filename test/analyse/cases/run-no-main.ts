// EXPECT error WV3010 at 8:11 'Root' has no method 'main'.
import { run } from 'weavets'

class Root {
  begin() {}
}
// @ts-expect-error
await run(Root)
