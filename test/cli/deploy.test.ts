/** `weave deploy` before anything runs: what is wrong, where, and what to do. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Project, weave } from '../hosts/project.ts'

let project: Project
beforeEach(() => {
  project = new Project('hello')
})
afterEach(() => project.remove())

const CONFIG = `export default {
  config: { GuestBook: { seats: 5 } },
  placement: {
    groups: [['Hello', 'GuestBook'], ['Greter']],
  },
}
`

test.each(['deploy', 'run'])('weave %s says where in weave.config.ts a name is misspelt', async (command) => {
  project.write('weave.config.ts', CONFIG)
  expect(await project.weave(command)).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'error weave.config.ts:4:39: placement: there is no component "Greter"; did you mean "Greeter"?\n' +
      '  next  Correct weave.config.ts, then run "weave check".\n',
  })
})

/** As where it isn't installed: this repository has it. */
const NO_GRPC = `import Module from 'node:module'
const resolve = Module._resolveFilename
Module._resolveFilename = (name, ...rest) => {
  if (name === '@grpc/grpc-js') throw Object.assign(new Error('not found'), { code: 'MODULE_NOT_FOUND' })
  return resolve(name, ...rest)
}
`

test.each([
  ['a flag', ['--transport', 'grpc'], '', 'leave out --transport grpc'],
  ['the config', [], "  transport: 'grpc',\n", 'choose another "transport" in weave.config.ts'],
])('gRPC without its package, asked for by %s: what to install, or to change', async (_, flags, setting, otherwise) => {
  project.write('no-grpc.mjs', NO_GRPC)
  project.edit('weave.config.ts', 'config: {', `${setting}  config: {`)
  expect(await project.node(['--import', './no-grpc.mjs', weave, 'deploy', ...flags])).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'error The transport "grpc" needs @grpc/grpc-js, which is not installed; run "npm install @grpc/grpc-js".\n' +
      `  next  npm install @grpc/grpc-js, or ${otherwise}.\n`,
  })
})
