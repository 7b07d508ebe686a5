/**
 * The output of processes that print into the same pipe. Node writes to a pipe at once while that has room, and later when it is
 * full: then what one process printed before it answered could come after what its caller printed next. Here writing
 * waits instead, so that the order in which processes print is the order in which it is read.
 */

interface WithHandle {
  /** Not in Node's types, and there for pipes only; files and terminals are written at once anyway. */
  _handle?: { setBlocking?: (blocking: boolean) => void }
}

/** `unread`: called when the reader has gone; what is printed afterwards is lost, and that is no failure of the process. */
export function printInOrder(unread: () => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    ;(stream as WithHandle)._handle?.setBlocking?.(true)
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      unread()
    })
  }
}
