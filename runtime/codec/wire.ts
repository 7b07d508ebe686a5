/** The numbers on which `Writer` and `Reader` have agreed. They may change with any version: versions never talk to each other. */

/**
 * First byte of a number. Below `INTEGERS` it is the number. Up to `NEGATIVES` it begins an integer of two bytes, up to `INT16` it is a
 * small negative one, and from there on it says what follows, lowest byte first.
 */
export const INTEGERS = 0xc0
export const NEGATIVES = 0xe0
export const INT16 = 0xf0
export const INT24 = 0xf1
export const INT32 = 0xf2
export const INT48 = 0xf3
export const FLOAT32 = 0xf4
export const FLOAT64 = 0xf5

/** Beyond what two bytes say, and below what a small negative says. */
export const TWO_BYTES_END = INTEGERS + (NEGATIVES - INTEGERS) * 0x100
export const NEGATIVE_MIN = NEGATIVES - INT16

/** How the numbers of a list are written; the byte after its count. */
export const NUMBERS = { each: 0, varint: 1, zigzag: 2, float32: 3, float64: 4 } as const

/**
 * Encoding of a string. Latin-1 is a byte a unit. `SPLIT` is that for the lower halves of the units, then what the upper halves are
 * where they aren't 0 (split.ts): hardly ever longer than UTF-8, and read ten times as fast, since all that goes unit by unit is the rare
 * unit. UTF-16 is as it lies in memory, for text that would be longer split.
 */
export const LATIN1 = 0
export const UTF16 = 1
export const SPLIT = 2
/** A string of a message says its encoding where it is written in place, and else, beyond those, its length in the bundle. */
export const ENCODINGS = 3

/**
 * A longer string isn't bundled but written in place: the call into C++ no longer matters, and a string cut from a bundle
 * keeps the whole bundle alive.
 */
export const STRING_BUNDLED_MAX = 1024
