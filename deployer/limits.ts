/**
 * Every bound of the control plane, with its unit and the reason for the number. The data plane's are in runtime/limits.ts.
 */
import { LIMITS } from '../runtime/limits.ts'

export const DEPLOYER_LIMITS = {
  /** Replicas of one group. A replica is a whole Node process (tens of MiB); more than this on one machine is a typing error. */
  replicasMax: 64,
  /** Processes of one deployment, for the same reason: each costs two pipes, two sockets and a process table entry. */
  processesMax: 512,
  /** Bytes of a Unix socket's path, on Linux 108 with the final NUL, on macOS 104. The kernel cuts or refuses a longer one. */
  socketPathBytesMax: process.platform === 'darwin' ? 103 : 107,

  /**
   * Validity of certificates. They aren't renewed while the deployment runs, so they must outlast it; the authority's key goes with the
   * deployment, so there is nothing to steal afterwards.
   */
  certificateMs: 365 * 24 * 3_600_000,
  /** Certificates are good from so long ago, since clocks of two machines differ. */
  clockSkewMs: 5 * 60_000,

  /** Characters of one control line. The largest is `assign` (routes of every component), and a process sends a few hundred. */
  controlLineMax: 1024 * 1024,
  /** Bytes queued for a process that doesn't read its control connection; beyond, it is taken for hung and is replaced. */
  controlOutputBytesMax: 16 * 1024 * 1024,
  /**
   * What is measured of calls is kept by second for a quarter of an hour and by minute for a day. Of a method of an edge that is called all the
   * time that is 40 KB of seconds and up to 100 KB of minutes; 800 of them reach the bytes that may be kept of seconds, and the oldest go first.
   */
  graphSeconds: 900,
  graphMinutes: 1_440,
  graphBytesMax: 32 * 1024 * 1024,
  /** Methods of edges, and others that are told apart in it. More than ten times what an application of a thousand components has. */
  graphNamesMax: 50_000,

  /** What calls cost is measured so long after the start, when compilers have done most of their work, and again; it takes a tenth of a second. */
  probeFirstMs: 10_000,
  probeEveryMs: 600_000,
  /** And when it could not be measured. */
  probeAgainMs: 30_000,
  /** A process that has not told by then won't. */
  probeMs: 10_000,

  /** Control connections that haven't said who they are. Only our own user can connect at all; this bounds an accident. */
  strangersMax: 64,
  /** Such a connection is dropped after this time. */
  helloMs: 5_000,

  /** From spawn to `hello`. Node starts in 50 ms; sixty processes at once on two cores take half a minute. */
  startMs: 60_000,
  /** A process that runs tries to reach its deployer once a second; on a machine that is busy with starting things this takes longer. */
  adoptMs: 30_000,
  /** From `hello` to `ready`: imports, and all constructors and `start()`s together; one of them alone has `LIMITS.startMs`, and says so itself. */
  readyMs: 120_000,
  /** Processes that aren't ready after this time are named, and again each time that the time has doubled: silence looks like a hang. */
  startWarningMs: LIMITS.startWarningMs,
  /**
   * A process that is ready is asked so often whether it answers, and then tells what it has counted; one that does nothing, less often, which is noticed a second
   * later when it hangs (not where `health` is shorter than twice that). To wake it takes 0.2 ms, and as much here: so many are asked at once, and the
   * next so much later, so that 512 answers don't come at once.
   */
  beatMs: LIMITS.sampleMs,
  idleBeatMs: 2 * LIMITS.sampleMs,
  askedAtOnce: 16,
  askedApartMs: 31,
  /**
   * For so long a ready process may be silent before others stop calling it, and before it is killed. Full collections of large heaps take
   * seconds. weave.config.ts may say otherwise (`health`), no less than two questions' time.
   */
  silentMs: 5_000,
  killMs: 15_000,
  healthMsMin: 2_000,
  healthMsMax: 600_000,
  /** A process that said `failed` may flush its output and exit; then it is killed. */
  failedExitMs: 2_000,
  /** First pause before a restart; doubled with each crash in a row, half of it jitter, up to the next line. */
  backoffMs: 100,
  backoffMsMax: 10_000,
  /** A process that has been ready for this long had started well: its next crash begins a new row. */
  stableMs: 5_000,
  /** Crashes in a row after which a process is said to be crash-looping; before the application was ever ready, that ends the deployment. */
  crashesMax: 3,

  /** A component that moves starts in its new process: as long as any may (`LIMITS.startMs`), and the message's way. */
  hostMs: LIMITS.startMs + 5_000,
  /** It hands its state over: its calls end, and its own method returns, within so long each; then bytes are written. */
  handOverMs: 2 * LIMITS.handOverMs + 5_000,
  /** It ends in its old one: calls in flight, then its `stop`, have `LIMITS.drainMs` each. */
  retireMs: 2 * LIMITS.drainMs + 5_000,
  /** A process takes new routes at once; one that hasn't in this time hangs, and is started again. Longer than a full collection of a large heap. */
  answerMs: 10_000,

  /** A plan of 20,000 components, the most that are planned for, takes a minute of a slow machine and half a GiB; after that it hangs. */
  planMs: 180_000,
  plannerHeapMibMax: 2_048,
  /** Plans that wait for the planner's thread: a terminal or two and a dashboard. */
  plansWaitingMax: 16,
  /** Automatic placement takes the last plan for as long, where neither load nor placement have changed. */
  planAgainMs: 60_000,
  /** The thread goes when nobody has asked it for so long: not between two plans of automatic placement, since to start it takes 0.2 s of CPU. */
  plannerIdleMs: 150_000,
  /** Trials that the state keeps: a day of one every two minutes. */
  trialsMax: 1_000,

  /** Automatic placement asks the planner so often: a plan of a large graph takes seconds of CPU. */
  planEveryMs: 5_000,
  /** What is measured before a trial and after it. Ten one-second samples tell a tenth apart; longer ones mix other load in. */
  trialWindowSeconds: 10,
  /** After moves, before measuring: connections are made, caches fill, and V8 compiles what is new in a process. */
  settleMs: 5_000,
  /** A move that turned out worse is not tried again for this long: longer than load keeps its shape. */
  retryTrialMs: 15 * 60_000,

  /**
   * Routing keys move between replicas that stay when the heaviest has so many times the mean, and until it has no more than that; so much of all keys at
   * once, and not again for so long. Only where its loop is so busy, and of so many calls: four deviations of chance are a fifth of them.
   */
  rebalanceFrom: 1.25,
  rebalanceTo: 1.1,
  churnMax: 0.1,
  rebalanceEveryMs: 10_000,
  /** weave.config.ts may say otherwise (`routing`): from one bucket to half of all keys at once, which is a new start; and once a day is hardly ever. */
  churnMaxLeast: 0.001,
  churnMaxMost: 0.5,
  rebalanceEveryMsMax: 24 * 3_600_000,
  rebalanceBusyMin: 0.5,
  rebalanceCallsMin: 400,

  /**
   * Replicas follow load where weave.config.ts allows several. Another one when loops are so busy for so many seconds: from four fifths on what arrives waits for
   * longer than it takes. So many that they would be so busy; one less when one less would still not be busier than that, for so long. What makes load
   * waver takes less than half a minute; and a replica costs little that has nothing to do.
   */
  scaleOutBusy: 0.8,
  /** In each of these seconds: what has a pause in between catches up. */
  scaleOutBusyMin: 0.7,
  scaleOutSeconds: 5,
  scaleToBusy: 0.6,
  scaleInBusy: 0.5,
  scaleInSeconds: 30,
  /** None is added where so little of the machine's cores is idle: it would take its time from the others. */
  scaleSpareCores: 0.25,

  /** From `drain` to SIGKILL: calls get `LIMITS.drainMs` in the process itself, then its components' `stop()` gets the rest. */
  drainMs: LIMITS.drainMs + 2_000,
  /** From the first `drain` to SIGKILL for all that are left, however many processes depend on each other in a row. */
  stopMs: 3 * LIMITS.drainMs,
  /** Output of a process that has exited is awaited while it flows; a grandchild may hold the pipe open without writing, so silence ends the wait. */
  outputSilenceMs: 250,
  /** Lines of stderr kept to explain a crash, and characters of one. A stack trace fits. */
  lastLinesMax: 20,
  lastLineMax: 400,

  /** Events that the state keeps: some days of an application that is well, some hours of one that isn't. */
  eventsMax: 10_000,
  /** Connections of the API: a terminal or two, a dashboard. Only our own user can connect; this bounds an accident. */
  apiConnectionsMax: 256,
  /** Bytes of a request to the API; the longest is a placement by hand. */
  apiBodyBytesMax: 1024 * 1024,

  /** Bytes of a process's log file before it is moved aside, and files that are kept of it, the present one included. */
  logBytesMax: 16 * 1024 * 1024,
  logFilesMax: 3,
  /** How often lengths of log files are looked at, and whether adopted processes live: a look is a system call each. */
  logRotationMs: 2_000,
  adoptedLookMs: 1_000,
  /** One that was killed, or has closed its connection, is looked at so often instead, so many times. */
  adoptedHurryMs: 20,
  adoptedHurries: 100,

  /** Connections of one listener that are open here: they wait, or bytes are relayed, which takes two descriptors. Those that a process has taken are its own. Others are refused. */
  connectionsMax: 8_192,
  /** Connections that the kernel holds until they are accepted, as far as it lets us: node's own 511 is soon full when a load test begins. */
  backlog: 4_096,
  /** A new connection waits this long for a replica that is ready, as during a restart. */
  connectionWaitMs: 10_000,
  /** Pause before a replica that refused a connection (its backlog was full) is tried again. */
  connectionRetryMs: 50,
  /** A replica that has ended its half of a connection may be gone; the client gets this long to end the other half. */
  lingerMs: 30_000,
  /** Connections that wait so; the next one is closed at once. */
  connectionsWaitingMax: 1_024,
} as const
