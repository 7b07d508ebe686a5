import { run } from 'weavets'
import { Kitchen } from './kitchen.ts'

await run(Kitchen)
