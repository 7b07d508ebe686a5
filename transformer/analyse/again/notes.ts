/**
 * What was found in a file, by kind: an own drawer for each, so that what is put in is what comes out. A note says what its file, what that
 * imports, and what is global make of it; whether it still holds is for memory.ts to say. It is plain data: no handle of a view.
 */

declare const value: unique symbol
export interface Kind<Value> {
  readonly name: string
  readonly [value]?: Value
}

export const kindOfNote = <Value>(name: string): Kind<Value> => ({ name })

export class Notes {
  readonly #byKind = new Map<string, Map<string, Map<string, unknown>>>()

  of<Value>(kind: Kind<Value>, file: string, id: string): Value | undefined {
    // The kind is the drawer's key, and `add` takes only its values.
    return this.#byKind.get(kind.name)?.get(file)?.get(id) as Value | undefined
  }

  add<Value>(kind: Kind<Value>, file: string, id: string, note: Value): void {
    const byFile = this.#byKind.get(kind.name) ?? new Map<string, Map<string, unknown>>()
    const byId = byFile.get(file) ?? new Map<string, unknown>()
    this.#byKind.set(kind.name, byFile.set(file, byId.set(id, note)))
  }
}
