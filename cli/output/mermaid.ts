/**
 * A manifest as a Mermaid flowchart. Names are quoted and escaped, and node ids are our own numbers, so that no name can
 * break the drawing. The root has round ends, listeners are flags that point at their component.
 */
import type { Manifest } from '../../runtime/manifest.ts'
import { shortName } from '../../runtime/names.ts'

export function drawGraph(manifest: Manifest): string {
  const ids = new Map(manifest.components.map(({ name }, index) => [name, `c${index}`]))
  const labels = labelsOf(manifest.components.map(({ name }) => name))
  const lines = ['flowchart LR']
  for (const { name } of manifest.components) {
    const label = quoted(labels.get(name)!)
    lines.push(`  ${ids.get(name)}${name === manifest.root ? `([${label}])` : `[${label}]`}`)
  }
  let listeners = 0
  for (const component of manifest.components) {
    for (const listener of component.listeners) {
      lines.push(`  l${listeners}>${quoted(listener)}] --> ${ids.get(component.name)}`)
      listeners++
    }
  }
  for (const { caller, callee } of manifest.edges) lines.push(`  ${ids.get(caller)} --> ${ids.get(callee)}`)
  return `${lines.join('\n')}\n`
}

/** Short where that is unique. */
function labelsOf(names: readonly string[]): Map<string, string> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(shortName(name), (counts.get(shortName(name)) ?? 0) + 1)
  return new Map(names.map((name) => [name, counts.get(shortName(name)) === 1 ? shortName(name) : name]))
}

/** Mermaid reads entity codes in quoted text, and ends it at the next quote. */
function quoted(text: string): string {
  return `"${text.replaceAll('#', '#35;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;')}"`
}
