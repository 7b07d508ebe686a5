import { run } from 'weavets'
import { Desk } from './desk.ts'

await run(Desk)
