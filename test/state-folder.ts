/** Each test file deploys into a state of its own: those of other files, and what the developer has deployed, are none of its business. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'weave-state-'))
process.env.WEAVE_STATE = folder
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
