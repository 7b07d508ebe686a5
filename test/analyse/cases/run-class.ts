// EXPECT error WV3009 at 7:11 The argument of 'run' is not the name of a class of this project.
import { type Main, run } from 'weavets'

const Root = class implements Main {
  async main() {}
}
await run(Root)
