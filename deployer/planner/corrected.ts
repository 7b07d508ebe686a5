/**
 * A latency as predicted, corrected by what the prediction of today's was off. What the model leaves out of today's stays; where it has too much, all of it is too
 * much alike. All in milliseconds; undefined: nobody has measured it.
 */
export function corrected(predicted: number, today: number, measured: number | undefined): number {
  if (measured === undefined) return predicted
  return measured >= today ? predicted + measured - today : (predicted * measured) / today
}
