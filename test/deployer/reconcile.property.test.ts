/**
 * The reconciler against a world that does what it is told, late, and breaks things meanwhile: processes become ready, crash and end in
 * any order, while what is wanted changes.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Desired, type Observed, type ObservedKind, reconcile, settled } from '../../deployer/reconcile.ts'

const GROUPS = ['main', 'cart', 'catalog']

type Step =
  | { kind: 'scale'; group: number; replicas: number }
  | { kind: 'restart'; process: number }
  | { kind: 'dissolve'; group: number }
  | { kind: 'happen'; process: number; event: 'progress' | 'crash' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('scale' as const), group: fc.nat(2), replicas: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('restart' as const), process: fc.nat(20) }),
  fc.record({ kind: fc.constant('dissolve' as const), group: fc.nat(2) }),
  fc.record({
    kind: fc.constant('happen' as const),
    process: fc.nat(20),
    event: fc.constantFrom('progress' as const, 'crash' as const),
  }),
)

interface Process extends Observed {
  kind: ObservedKind
  lives: number
}

/** What becomes of a process by itself. `crash`: as its supervisor would have it. */
const NEXT: Record<'progress' | 'crash', Record<ObservedKind, ObservedKind>> = {
  progress: { idle: 'idle', coming: 'ready', ready: 'ready', failed: 'coming', leaving: 'stopped', stopped: 'stopped' },
  crash: { idle: 'idle', coming: 'failed', ready: 'failed', failed: 'failed', leaving: 'stopped', stopped: 'stopped' },
}

class World {
  groups = GROUPS.map((name) => ({ name, replicas: 1 }))
  outdated = new Map<string, number>()
  waves: string[][] | undefined
  readonly processes: Process[] = []
  /** How often a process was drained that served, while another of its group didn't and it was still wanted. */
  drainedAlone = 0

  get desired(): Desired {
    return this
  }

  reconcile(): void {
    for (let round = 0; ; round++) {
      // One round makes places, the next starts what is in them.
      expect(round).toBeLessThan(4)
      const actions = reconcile(this.desired, this.processes)
      if (actions.length === 0) return
      for (const action of actions) {
        if (action.kind === 'add') {
          const { group, slot } = action
          const process = `${group}-${slot + 1}`
          expect(this.processes.some((each) => each.process === process)).toBe(false)
          this.processes.push({ process, group, slot, kind: 'idle', lives: 0 })
          continue
        }
        const process = this.processes.find((each) => each.process === action.process)!
        if (action.kind === 'remove') {
          expect(process.kind).toBe('stopped')
          this.processes.splice(this.processes.indexOf(process), 1)
        } else if (action.kind === 'start') {
          expect(['idle', 'stopped']).toContain(process.kind)
          process.kind = 'coming'
          process.lives++
        } else this.drain(process)
      }
    }
  }

  drain(process: Process): void {
    expect(['leaving', 'stopped']).not.toContain(process.kind)
    const others = this.processes.filter(({ group }) => group === process.group)
    const wanted = process.slot < (this.groups.find(({ name }) => name === process.group)?.replicas ?? 0)
    if (process.kind === 'ready' && wanted && this.waves === undefined)
      if (others.some(({ kind, slot }) => kind !== 'ready' && slot < this.replicas(process.group))) this.drainedAlone++
    process.kind = process.kind === 'idle' || process.kind === 'failed' ? 'stopped' : 'leaving'
  }

  replicas(group: string): number {
    return this.groups.find(({ name }) => name === group)?.replicas ?? 0
  }

  take(step: Step): void {
    if (step.kind === 'scale') {
      const group = this.groups.find(({ name }) => name === GROUPS[step.group])
      if (group) group.replicas = step.replicas
    } else if (step.kind === 'dissolve') {
      if (this.groups.length > 1) this.groups = this.groups.filter(({ name }) => name !== GROUPS[step.group])
    } else {
      const process = this.processes[step.process % this.processes.length]
      if (!process) return
      if (step.kind === 'restart') this.outdated.set(process.process, process.lives)
      else this.happen(process, step.event)
    }
  }

  happen(process: Process, event: 'progress' | 'crash'): void {
    if (process.kind === 'failed' && event === 'progress') process.lives++
    process.kind = NEXT[event][process.kind]
  }

  /** From now on nothing breaks. */
  calm(): void {
    for (let round = 0; round < 100; round++) {
      this.reconcile()
      for (const process of [...this.processes]) this.happen(process, 'progress')
    }
  }
}

test('whatever has happened: when nothing breaks any more, exactly what is wanted runs, and restarts have been made', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = new World()
      for (const each of steps) {
        world.reconcile()
        world.take(each)
      }
      world.calm()
      const wanted = world.groups.flatMap(({ name, replicas }) =>
        Array.from({ length: replicas }, (_, slot) => `${name}-${slot + 1}`),
      )
      expect(world.processes.map(({ process }) => process).sort()).toEqual(wanted.sort())
      expect(settled(world.desired, world.processes)).toBe(true)
      for (const { process, lives } of world.processes) expect(lives).toBeGreaterThan(world.outdated.get(process) ?? 0)
      expect(world.drainedAlone).toBe(0)
    }),
    { numRuns: 1_000 },
  )
})

test('the end: no group is drained before all groups of the waves before it have stopped', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.array(step, { maxLength: 30 }), (before, during) => {
      const world = new World()
      for (const each of before) {
        world.reconcile()
        world.take(each)
      }
      world.waves = [['main'], ['cart', 'catalog']]
      for (const each of during) {
        const main = world.processes.some(({ group, kind }) => group === 'main' && kind !== 'stopped')
        const asked = reconcile(world.desired, world.processes)
        if (main) for (const action of asked) expect(action.kind === 'drain' && action.process).toMatch(/^main-/)
        for (const action of asked) expect(action.kind).toBe('drain')
        world.reconcile()
        if (each.kind === 'happen') world.take(each)
      }
      world.calm()
      expect(world.processes.every(({ kind }) => kind === 'stopped')).toBe(true)
    }),
    { numRuns: 500 },
  )
})
