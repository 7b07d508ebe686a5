/**
 * What weave costs a build, for `npm run bench`: the smaller of the two projects of bench/compile/run.ts (which has the rest, as `npm run bench:compile`), built when
 * nothing has changed, cold, and after an edit.
 */
process.argv.push('300', 'bundle', 'cold', 'warm')
await import('./compile/run.ts')
