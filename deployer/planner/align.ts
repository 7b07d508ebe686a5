/**
 * Which group of a new grouping is which of today's. In: where each node is today, and where it would be. Out: the new grouping with today's numbers
 * for its groups, chosen so that few nodes move; groups that are new get numbers from `todayCount` on.
 */

/** `weight`: how much each node's staying is worth. */
export function align(
  groupOf: Int32Array,
  todayOf: Int32Array,
  todayCount: number,
  weight: (node: number) => number,
): Int32Array {
  const shared = new Map<string, { group: number; today: number; weight: number }>()
  for (let v = 0; v < groupOf.length; v++) {
    const [group, today] = [groupOf[v]!, todayOf[v]!]
    const known = shared.get(`${group} ${today}`)
    if (known !== undefined) known.weight += weight(v)
    else shared.set(`${group} ${today}`, { group, today, weight: weight(v) })
  }
  // The largest overlap first. A best matching would be better by little, and this is read in one go.
  const numberOf = new Map<number, number>()
  const taken = new Set<number>()
  for (const { group, today } of [...shared.values()].sort((a, b) => b.weight - a.weight)) {
    if (numberOf.has(group) || taken.has(today)) continue
    numberOf.set(group, today)
    taken.add(today)
  }
  let next = todayCount
  return groupOf.map((group) => {
    let number = numberOf.get(group)
    if (number === undefined) {
      number = next++
      numberOf.set(group, number)
    }
    return number
  })
}
