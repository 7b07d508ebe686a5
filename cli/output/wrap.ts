/** Text in lines of a terminal: words move to the next line, which begins as far in as the first. `lead` is what the first line begins with. */
export function wrapped(lead: string, indent: number, text: string, columns: number): string[] {
  const room = Math.max(20, columns - indent)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines.map((each, place) => (place === 0 ? `${lead}${each}` : `${' '.repeat(indent)}${each}`))
}
