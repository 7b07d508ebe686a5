// The browser tests drive Debian's Chromium. Gets it where it can (root on Debian), else says exactly how.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
if (!candidates.some((path) => path && existsSync(path))) {
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('chromium is not installed: getting it with apt-get')
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' })
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
  if (!existsSync('/usr/bin/chromium')) {
    console.error(
      'The browser tests need Chromium, and it is not on this machine.\n' +
        '  Debian, Ubuntu:  sudo apt-get install chromium\n' +
        '  elsewhere:       set CHROMIUM to the path of a Chromium or Chrome',
    )
    process.exit(1)
  }
}
