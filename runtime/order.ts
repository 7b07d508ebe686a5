/** Components in the order in which they start: dependencies first, the same in every process of an application. */
import type { ComponentDescriptor } from './boundary.ts'

/** Names of components that `component` needs to have started. */
export function needs(component: ComponentDescriptor): string[] {
  const names = component.dependencies.flatMap((dependency) =>
    dependency.kind === 'component' ? [dependency.component] : [],
  )
  return [...new Set([...names, ...component.reaches])]
}

/**
 * All of them, also those hosted elsewhere: A → B → C with B elsewhere must start C before A, or two processes could wait for each
 * other. The compiler has excluded cycles; if one gets here by `reaches`, its members come in the order of the descriptor.
 */
export function startOrder(components: readonly ComponentDescriptor[]): ComponentDescriptor[] {
  const byName = new Map(components.map((component) => [component.name, component]))
  const ordered = new Set<ComponentDescriptor>()
  const visited = new Set<ComponentDescriptor>()
  const visit = (component: ComponentDescriptor): void => {
    if (visited.has(component)) return
    visited.add(component)
    for (const name of needs(component)) {
      const needed = byName.get(name)
      if (needed) visit(needed)
    }
    ordered.add(component)
  }
  for (const component of components) visit(component)
  return [...ordered]
}
