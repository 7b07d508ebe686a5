/** A parser with a mistake behind four exact bytes, one after the other: what chance doesn't find and a loop that is guided does. */
export function planted(input: Uint8Array): void {
  if (input[0] === 0xc0) {
    if (input[1] === 0xff) {
      if (input[2] === 0x1e) {
        if (input[3] === 0x57) {
          throw new Error('The planted mistake was found.')
        }
      }
    }
  }
}
