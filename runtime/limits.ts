/**
 * Every bound of the data plane, with its unit and the reason for the number. A test crosses each of them.
 */
export const LIMITS = {
  /**
   * At most one call in so many of a method of an edge is timed, on average: a look costs some 200 ns, which is 3 ns a call then. A method that
   * is called less often is looked at more often, up to the next line.
   */
  callsPerLook: 64,
  /** Looks a second at one method of an edge, where it is called that often: a thousand of them cost half a hundredth of a core. */
  looksPerSecond: 32,
  /**
   * Of a method so often a call is recorded, so many at once in a process, and no longer than so: then what it calls is no longer looked at each
   * time. A recording costs what looking at each call of one component costs until it has ended; a page takes milliseconds.
   */
  recordingEveryMs: 500,
  recordingsMax: 8,
  recordedMs: 5_000,
  /** A recorded call that makes more calls is dropped, and one whose component makes more meanwhile: ten thousand looks take two milliseconds. */
  recordedCallsMax: 256,
  armedLooksMax: 10_000,
  /** A process is asked by its deployer this often, and then tells what it has counted; one in which nothing happens tells so this often. */
  sampleMs: 1_000,
  sampleIdleMs: 10_000,
  /** Methods of edges in one line of that, far below what the deployer takes for a line; the rest is in the next. */
  sampleRowsMax: 1_000,
  /** Bytes that wait to be sent to a deployer beyond which it is behind: then samples wait, and become one. */
  sampleUnsentBytesMax: 1024 * 1024,
  /** Stacks are sampled so often, which takes 1 ms of CPU a second, and looked at so often: of a busy process 50 are new then. */
  profileSampleUs: 100_000,
  profileMs: 5_000,
  /**
   * A process that has used less than the first share of a core for so long isn't sampled, since that would take more than a hundredth of what it does: of 8 % of
   * a core thirty stacks are seen in that time, and the next thirty would say the same. It is again when it has used so much CPU at no less than the second
   * share: to begin again V8 walks the heap, for 2 ms a MiB, which a burst isn't worth. With a longer heap sampling goes on.
   */
  profileShareMin: 0.08,
  profileShare: 0.1,
  profileAgainMs: 500,
  profileRestMs: 40_000,
  profileRestHeapBytesMax: 24 * 1024 * 1024,
  /** Functions that are no component's of which it is kept for whom they have worked: those that are seen on stacks at 10 samples a second, for minutes. */
  helpersMax: 1_000,
  /** A connection that is made to measure what calls cost is open by then, or is given up. */
  probeOpenMs: 2_000,
  /** Kinds of requests from outside that are told apart. A site has a few dozen; whoever makes up paths meets this. */
  entriesMax: 64,
  /** A co-located call is encoded only to learn its length when so many times as long has passed as the last one took: 0.2 % of a core. */
  sizedEvery: 500,
  /** What is longer is not encoded to the end for that: it counts as this, and takes a tenth of a millisecond. */
  sizedBytesMax: 64 * 1024,
  /** A message longer than this is refused by its sender, and by its receiver as soon as so much has come: it stops one message from taking a process's memory. 64 MiB holds any sane payload. */
  messageBytesMax: 64 * 1024 * 1024,
  /** A message longer than this goes in parts, between which others pass; no frame's body is longer. In one piece it takes no longer to pass than the parts that may be ahead. */
  wholeBytesMax: 64 * 1024,
  /** Length of a part. It takes some 10 µs to pass, less than a small call takes; shorter ones would cost long messages more than that is worth. */
  partBytes: 16 * 1024,
  /**
   * Bytes of parts that may be sent before the receiver says that it has read some: what a small message may have to wait behind, in the
   * kernel's buffers and ours. Four parts keep both processes of one machine busy; over a network they are 64 MB/s where a round trip takes a
   * millisecond.
   */
  partsAheadBytesMax: 64 * 1024,
  /** The receiver says so at the latest when it has read this much. */
  partsUntoldBytesMax: 16 * 1024,
  /** Bytes of incomplete messages in parts that one connection holds: four of the longest at once. A peer may only send what it has, so all of this has come. */
  assembledBytesMax: 256 * 1024 * 1024,
  /** Bytes a hello may take. Nobody is known before it, so it is kept far below a frame. */
  handshakeBytesMax: 4 * 1024,
  /** Connections that one process serves; the next one is closed at once. A deployment has at most 512 processes, each with one; the rest is room for those that come again. */
  connectionsMax: 4_096,
  /** A connection that we have ended is cut after this time, when the peer hasn't ended its half: what it had to read was little, or had been asked for in time. */
  lingerMs: 10_000,
  /** A peer that connects and says nothing is dropped after this time. */
  handshakeMs: 5_000,
  /** Calls in flight on one connection; the next one fails with `WV_OVERLOADED`, not executed. Bounds the caller's table. */
  callsInFlightMax: 16_384,
  /** Calls that wait for a component which has no live replica now. Bounds what a long outage may pile up. */
  callsWaitingMax: 10_000,
  /** Bytes queued on a connection whose peer doesn't read, or not so fast; beyond, calls fail with `WV_OVERLOADED`, not executed: at the caller when requests wait, at the callee when long answers do. */
  outputBytesMax: 128 * 1024 * 1024,
  /**
   * Items, and bytes of them, that the producer of a stream may be ahead of its reader: what a reader that has stopped reading costs. A
   * round trip on one machine takes 50 µs, in which 128 small items or 64 KiB keep a producer busy. An item may exceed what is left.
   */
  streamItemsMax: 128,
  streamBytesMax: 64 * 1024,
  /** A reader that leaves a stream waits so long for a step that its signal has interrupted: cleaning up takes less as a rule, and who ignores the signal holds nobody. */
  interruptedMs: 100,
  /**
   * Streams under way on one connection; a call beyond fails with `WV_OVERLOADED`, not executed. It bounds what readers that don't read may
   * cost together, 256 MiB at the worst, and is far more than pages that one process keeps fed.
   */
  streamsMax: 4_096,
  /**
   * Parts of all hashes of routing keys that are counted, owned and moved as one. With 64 replicas each has 16, so they are uneven by a sixteenth at
   * most; a table of them is 2 KiB for each component that is called by key, and all that happened in them one line of 8 KiB.
   */
  keyBuckets: 1_024,
  /** What was called by key is told this often: as soon as anybody acts on it. */
  keyedMs: 5_000,
  /** Nesting of a value. Deeper than any data we have seen, and far from the stack's end; a cycle meets it at once. */
  depthMax: 1_000,
  /** A remote call that names no deadline has this one: no call waits for ever. */
  deadlineMsDefault: 30_000,
  /** Attempts of one idempotent call, the first included. */
  attemptsMax: 4,
  /** First pause before an attempt is repeated; doubled each time, with full jitter, up to the next line. */
  retryBackoffMs: 10,
  retryBackoffMsMax: 1_000,
  /**
   * Repetitions of one component's calls, as a share of those that were made, and a second where few are made; so many may be saved up. A tenth is what
   * a process that keeps up bears besides; a hundred are what a page or two have under way. Repeating a call once whose process has died costs nothing of it.
   */
  retryShare: 0.1,
  retriesPerSecond: 1,
  retryBurst: 100,
  /** A replica that has refused a call for its load is passed over for this long where there are others: what refuses is never busy, and would draw them all. */
  passedOverMs: 100,
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
  /** Smallest bound that weave.config.ts may set on the time that a call waits where it is served (`calls.queueMs`): less is the noise of a collector. */
  queueMsMin: 10,
  /** Bytes of an error that a gRPC answer has in its trailers; proxies take 8 KiB of headers at the least, and these grow by a third. A longer one is a message. */
  grpcErrorBytesMax: 4 * 1024,
  /** Characters of an error's text that a gRPC status repeats for the logs of proxies. */
  grpcDetailsMax: 200,
  /** Callers that a gRPC server knows by their header; with more all are asked again. Each process of a deployment has one. */
  grpcCallersMax: 1_024,
  /** A gRPC call that its caller closes so near to its deadline, in milliseconds, was closed for that: what is closed doesn't say why. */
  grpcLateMs: 1_000,
  /** Calls of `Watch` on the health service. A handful of load balancers ask. */
  healthWatchersMax: 64,
  /** First pause before a connection is tried again; doubled each time, with jitter, up to the next line. */
  reconnectMs: 10,
  reconnectMsMax: 1_000,
  /** Answers queued for a caller that doesn't read; beyond, its requests are not read either until it does. */
  answersBytesMax: 1024 * 1024,
  /** One component's constructor and `start`. Connecting to a database takes seconds; what takes longer than a minute hangs, and is said. */
  startMs: 60_000,
  /** A start that takes this long is named in the log, and again each time that the time has doubled. */
  startWarningMs: 5_000,
  /**
   * While a process drains, kept connections bring so long what they still have to bring, and are told with each answer that they end. Long enough for a
   * client that is busy to ask once more; what is silent for longer seldom speaks in the millisecond in which it is closed.
   */
  lastRequestsMs: 200,
  /** Time that calls in flight get to end when a process drains. */
  drainMs: 10_000,
  /** After so much of it the log names those that are waited for: who has asked for the drain begins to wonder. */
  drainWarningMs: 1_000,
  /**
   * When a component's state is handed over: its calls end, `handOver` and `takeOver` return within so long each, while those that call it wait.
   * A sixth of what a call waits by default, so that those who wait are still answered.
   */
  handOverMs: 5_000,
  /** Bytes of such a state: what is written and read again in the second that callers can spare. */
  stateBytesMax: 256 * 1024 * 1024,
  /** What a co-located call may take, as long as none of its method has been timed: a component that leaves its process is stopped so long after. */
  untimedMs: 1_000,
  /** Entries of call metadata, and bytes of all of them together: they travel with every call of a chain. */
  metadataEntriesMax: 64,
  metadataBytesMax: 8 * 1024,
} as const
