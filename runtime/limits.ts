/**
 * Every bound of the data plane, with its unit and the reason for the number. A test crosses each of them.
 */
export const LIMITS = {
  /** A frame longer than this is refused before it is buffered: it stops one message from taking a process's memory. 64 MiB holds any sane payload. */
  frameBytesMax: 64 * 1024 * 1024,
  /** Bytes a hello may take. Nobody is known before it, so it is kept far below a frame. */
  handshakeBytesMax: 4 * 1024,
  /** A peer that connects and says nothing is dropped after this time. */
  handshakeMs: 5_000,
  /** Calls in flight on one connection; the next one fails with `WV_OVERLOADED`, not executed. Bounds the caller's table. */
  callsInFlightMax: 16_384,
  /** Calls that wait for a component which has no live replica now. Bounds what a long outage may pile up. */
  callsWaitingMax: 10_000,
  /** Bytes queued on a connection whose peer doesn't read; beyond, calls fail with `WV_OVERLOADED`, not executed. */
  outputBytesMax: 128 * 1024 * 1024,
  /**
   * Items, and bytes of them, that the producer of a stream may be ahead of its reader: what a reader that has stopped reading costs. A
   * round trip on one machine takes 50 µs, in which 128 small items or 64 KiB keep a producer busy. An item may exceed what is left.
   */
  streamItemsMax: 128,
  streamBytesMax: 64 * 1024,
  /**
   * Streams under way on one connection; a call beyond fails with `WV_OVERLOADED`, not executed. It bounds what readers that don't read may
   * cost together, 256 MiB at the worst, and is far more than pages that one process keeps fed.
   */
  streamsMax: 4_096,
  /** Nesting of a value. Deeper than any data we have seen, and far from the stack's end; a cycle meets it at once. */
  depthMax: 1_000,
  /** A remote call that names no deadline has this one: no call waits for ever. */
  deadlineMsDefault: 30_000,
  /** Attempts of one idempotent call, the first included. */
  attemptsMax: 4,
  /** First pause before an attempt is repeated; doubled each time, with full jitter, up to the next line. */
  retryBackoffMs: 10,
  retryBackoffMsMax: 1_000,
  /** Bytes of a remote stack that travel with an error. Ten frames fit several times. */
  stackBytesMax: 16 * 1024,
  /** Errors in a chain of causes; a longer (or circular) chain is cut here. */
  causesMax: 16,
  /** Bytes of one error with its fields, causes and stacks: an error may hold a whole response, and the rest is left out. */
  errorBytesMax: 256 * 1024,
  /** Items of one list or object among an error's fields, and nesting of them; the rest is left out. */
  errorItemsMax: 1_000,
  errorDepthMax: 32,
  /**
   * A peer of which nothing was heard for this long is taken for gone, though it was asked (socket/heartbeat.ts). A full collection of a large
   * heap takes seconds; what takes longer hangs. weave.config.ts may say otherwise (`calls.silenceMs`), no less than the next line.
   */
  silenceMs: 20_000,
  silenceMsMin: 200,
  /**
   * A call that could only begin so long after it came is refused, not executed: a process that is a second behind doesn't catch up by working for
   * callers that have stopped waiting. A burst that is worked off within a second isn't overload. weave.config.ts may say otherwise (`calls.queueMs`).
   */
  queueMs: 1_000,
  queueMsMin: 10,
  /** First pause before a connection is tried again; doubled each time, with jitter, up to the next line. */
  reconnectMs: 10,
  reconnectMsMax: 1_000,
  /** Answers queued for a caller that doesn't read; beyond, its requests are not read either until it does. */
  answersBytesMax: 1024 * 1024,
  /** One component's constructor and `start`. Connecting to a database takes seconds; what takes longer than a minute hangs, and is said. */
  startMs: 60_000,
  /** A start that takes this long is named in the log, and again each time that the time has doubled. */
  startWarningMs: 5_000,
  /** Time that calls in flight get to end when a process drains. */
  drainMs: 10_000,
  /** Entries of call metadata, and bytes of all of them together: they travel with every call of a chain. */
  metadataEntriesMax: 64,
  metadataBytesMax: 8 * 1024,
} as const
