/** Components in the order in which they start: dependencies first, the same in every process of an application. */
import type { ComponentDescriptor } from '../boundary.ts'

/** Names of components that `component` calls: that it is constructed with, or reaches by `get`. */
export function needs(component: ComponentDescriptor): string[] {
  const names = component.dependencies.flatMap((dependency) =>
    dependency.kind === 'component' ? [dependency.component] : [],
  )
  return [...new Set([...names, ...component.reaches])]
}

/**
 * What each component waits for when it starts: its constructor's dependencies, and what it reaches by `get`, save where that leads
 * back to it. A circle can only be closed by `get` (the compiler refuses it among constructors), and in one somebody has
 * to start before what it gets; a call that comes too early waits for its callee.
 */
export function startNeeds(components: readonly ComponentDescriptor[]): Map<string, readonly string[]> {
  const all = new Map(components.map((component) => [component.name, needs(component)]))
  const leadsTo = (from: string, to: string): boolean => {
    const reached = new Set([from])
    for (const name of reached) for (const needed of all.get(name) ?? []) reached.add(needed)
    return reached.has(to)
  }
  const awaited = components.map((component) => {
    const constructed = component.dependencies.flatMap((each) => (each.kind === 'component' ? [each.component] : []))
    const got = component.reaches.filter((name) => constructed.includes(name) || !leadsTo(name, component.name))
    return [component.name, [...new Set([...constructed, ...got])]] as const
  })
  return new Map(awaited)
}

/**
 * All of them, also those hosted elsewhere: A → B → C with B elsewhere must start C before A, or two processes could wait for each
 * other.
 */
export function startOrder(components: readonly ComponentDescriptor[]): ComponentDescriptor[] {
  const byName = new Map(components.map((component) => [component.name, component]))
  const awaited = startNeeds(components)
  const ordered = new Set<ComponentDescriptor>()
  const visited = new Set<ComponentDescriptor>()
  const visit = (component: ComponentDescriptor): void => {
    if (visited.has(component)) return
    visited.add(component)
    for (const name of awaited.get(component.name)!) {
      const needed = byName.get(name)
      if (needed) visit(needed)
    }
    ordered.add(component)
  }
  for (const component of components) visit(component)
  return [...ordered]
}
