/** The numbers on which `Writer` and `Reader` have agreed. They may change with any version: versions never talk to each other. */

/** First byte of a number: an integer below `INTEGERS` is its own first byte, else the byte says what follows. */
export const INTEGERS = 0xf0
export const INT16 = 0xf0
export const INT32 = 0xf1
export const FLOAT64 = 0xf2

/** Encoding of a string, in the two low bits of its header. */
export const LATIN1 = 0
export const UTF8 = 1
export const UTF16 = 2

/**
 * A longer string isn't bundled but written in place: the call into C++ no longer matters, and a string cut from a bundle
 * keeps the whole bundle alive.
 */
export const STRING_BUNDLED_MAX = 1024

/** State of an optional member. */
export const ABSENT = 0
export const PRESENT = 1
export const UNDEFINED = 2
