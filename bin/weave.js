#!/usr/bin/env node
// Written in the JavaScript of old engines, so that one of them can say which one is needed instead of showing a syntax error.
var parts = process.versions.node.split('.')
if (Number(parts[0]) > 22 || (Number(parts[0]) === 22 && Number(parts[1]) >= 18)) {
  import('../dist/cli/main.js')
} else {
  console.error(
    'weave needs Node.js 22.18 or newer, and this is ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').\n' +
      '  for this project   npm install --save-dev node@24   (then "npx weave" runs on it)\n' +
      '  for this machine   https://nodejs.org/en/download, or "nvm install 24"',
  )
  process.exitCode = 1
}
