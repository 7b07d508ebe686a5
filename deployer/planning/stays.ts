/**
 * What automatic placement and plans leave where it is though a person may move it. In: the manifest. Out: which components, and why as sentences for people.
 */
import type { Manifest, ManifestComponent } from '../../runtime/manifest.ts'
import { shortName } from '../../runtime/names.ts'
import { whyFixed } from '../moves/wish.ts'

/** Nobody has said what becomes of what its class keeps: moved, it begins empty, which is for a person to decide. */
export function keepsState({ keeps }: Pick<ManifestComponent, 'keeps'>): boolean {
  return keeps !== undefined
}

/** Not of those that nobody can move. */
export function stays(manifest: Manifest): string[] {
  return manifest.components
    .filter((each) => keepsState(each) && whyFixed(each.name, manifest) === undefined)
    .map(
      ({ name, keeps }) =>
        `${shortName(name)} stays: its class keeps ${keeps} in memory; say @stateful with handOver and takeOver to let it move, or @stateless if it may begin empty.`,
    )
}
