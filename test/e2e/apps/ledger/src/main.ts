import { run } from 'weavets'
import { Office } from './office.ts'

await run(Office)
