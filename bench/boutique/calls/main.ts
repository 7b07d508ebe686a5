import { run } from 'weavets'
import { CallBench } from './call-bench.ts'

await run(CallBench)
