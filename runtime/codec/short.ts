/**
 * Short strings from their units, without a call into C++: `String.fromCharCode` with its arguments written out makes a string of 10 units
 * in a third of the time of `latin1Slice`; from an array (`apply`) it takes twice as long, and by joining pieces three times.
 *
 * Hot path (bench/codec.bench.ts, tiny): two tables by length, one for each kind of array, since one for both would look at which it is
 * before each unit. Longer than other files would be, and only that.
 */

/** In units: beyond, a call into C++ costs less. */
export const SHORT_UNITS_MAX = 24

const of = String.fromCharCode

/** Units of one byte. `length` is at most `SHORT_UNITS_MAX`, and those bytes are there. */
// biome-ignore format: a table has a line a row
export function shortLatin1(bytes: Uint8Array, at: number, length: number): string {
  switch (length) {
    case 1: return of(bytes[at]!)
    case 2: return of(bytes[at]!, bytes[at + 1]!)
    case 3: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!)
    case 4: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!)
    case 5: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!)
    case 6: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!)
    case 7: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!)
    case 8: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!)
    case 9: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!)
    case 10: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!)
    case 11: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!)
    case 12: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!)
    case 13: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!)
    case 14: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!, bytes[at + 13]!)
    case 15: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!, bytes[at + 13]!, bytes[at + 14]!)
    case 16: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!, bytes[at + 13]!, bytes[at + 14]!, bytes[at + 15]!)
    case 17: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!, bytes[at + 13]!, bytes[at + 14]!, bytes[at + 15]!, bytes[at + 16]!)
    case 18: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!, bytes[at + 13]!, bytes[at + 14]!, bytes[at + 15]!, bytes[at + 16]!, bytes[at + 17]!)
    case 19: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!, bytes[at + 13]!, bytes[at + 14]!, bytes[at + 15]!, bytes[at + 16]!, bytes[at + 17]!, bytes[at + 18]!)
    case 20: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!, bytes[at + 13]!, bytes[at + 14]!, bytes[at + 15]!, bytes[at + 16]!, bytes[at + 17]!, bytes[at + 18]!, bytes[at + 19]!)
    case 21: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!, bytes[at + 13]!, bytes[at + 14]!, bytes[at + 15]!, bytes[at + 16]!, bytes[at + 17]!, bytes[at + 18]!, bytes[at + 19]!, bytes[at + 20]!)
    case 22: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!, bytes[at + 13]!, bytes[at + 14]!, bytes[at + 15]!, bytes[at + 16]!, bytes[at + 17]!, bytes[at + 18]!, bytes[at + 19]!, bytes[at + 20]!, bytes[at + 21]!)
    case 23: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!, bytes[at + 13]!, bytes[at + 14]!, bytes[at + 15]!, bytes[at + 16]!, bytes[at + 17]!, bytes[at + 18]!, bytes[at + 19]!, bytes[at + 20]!, bytes[at + 21]!, bytes[at + 22]!)
    case 24: return of(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!, bytes[at + 13]!, bytes[at + 14]!, bytes[at + 15]!, bytes[at + 16]!, bytes[at + 17]!, bytes[at + 18]!, bytes[at + 19]!, bytes[at + 20]!, bytes[at + 21]!, bytes[at + 22]!, bytes[at + 23]!)
    default: return ''
  }
}

/** The same from the beginning of `units`. */
// biome-ignore format: a table has a line a row
export function shortUnits(units: Uint16Array, length: number): string {
  switch (length) {
    case 1: return of(units[0]!)
    case 2: return of(units[0]!, units[1]!)
    case 3: return of(units[0]!, units[1]!, units[2]!)
    case 4: return of(units[0]!, units[1]!, units[2]!, units[3]!)
    case 5: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!)
    case 6: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!)
    case 7: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!)
    case 8: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!)
    case 9: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!)
    case 10: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!)
    case 11: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!)
    case 12: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!)
    case 13: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!)
    case 14: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!)
    case 15: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!, units[14]!)
    case 16: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!, units[14]!, units[15]!)
    case 17: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!, units[14]!, units[15]!, units[16]!)
    case 18: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!, units[14]!, units[15]!, units[16]!, units[17]!)
    case 19: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!, units[14]!, units[15]!, units[16]!, units[17]!, units[18]!)
    case 20: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!, units[14]!, units[15]!, units[16]!, units[17]!, units[18]!, units[19]!)
    case 21: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!, units[14]!, units[15]!, units[16]!, units[17]!, units[18]!, units[19]!, units[20]!)
    case 22: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!, units[14]!, units[15]!, units[16]!, units[17]!, units[18]!, units[19]!, units[20]!, units[21]!)
    case 23: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!, units[14]!, units[15]!, units[16]!, units[17]!, units[18]!, units[19]!, units[20]!, units[21]!, units[22]!)
    case 24: return of(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!, units[14]!, units[15]!, units[16]!, units[17]!, units[18]!, units[19]!, units[20]!, units[21]!, units[22]!, units[23]!)
    default: return ''
  }
}
