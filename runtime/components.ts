/**
 * Components by name, for code that no transform rewrites: `get('Cart')` says at run time what `get<Cart>()` says to the compiler
 * alone. `weave generate` writes the members into the project's `weave.gen.ts`; a short name is there where it is unique.
 * A file of its own, because an interface can be added to where it is declared or starred through, and not through a named export.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is the project's generated file that fills it
export interface Components {}

export type ComponentName = keyof Components & string
