/** The planner's thread (planner-thread.ts): one job after the other, as they come. */
import { parentPort } from 'node:worker_threads'
import { WeaveError } from '../../runtime/errors.ts'
import { type Job, type Reply, work } from './job.ts'

function replyTo(job: Job): Reply {
  try {
    return { answer: work(job) }
  } catch (error) {
    if (error instanceof WeaveError) return { message: error.message, code: error.code }
    return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), code: undefined }
  }
}

parentPort!.on('message', (job: Job) => parentPort!.postMessage(replyTo(job)))
