/**
 * Whether an object is what the analysis has looked at when it proved that a method's results needn't be copied (transformer/analyse/unshared.ts):
 * an instance that this runtime has made of the class of the build, and whose methods are those of that class. What `provide` gives, a
 * test's fake, a Proxy, a subclass or a method put over another isn't, and its results are copied.
 */
import { types } from 'node:util'

const instances = new WeakSet<object>()

/** `instance` is what `new Implementation` gave, which a constructor may decide. */
export function constructed(instance: object, Implementation: { readonly prototype: object }): void {
  if (types.isProxy(instance) || Object.getPrototypeOf(instance) !== Implementation.prototype) return
  instances.add(instance)
}

/** The class's own methods of these names, for comparison with what the instance has when it is called; undefined for any other object. */
export function madeBy(implementation: object, names: readonly string[]): readonly unknown[] {
  if (!instances.has(implementation)) return names.map(() => undefined)
  const methods = Object.getPrototypeOf(implementation) as Record<string, unknown>
  return names.map((name) => (Object.hasOwn(methods, name) ? methods[name] : undefined))
}
