/** Debian's Chromium, driven by playwright-core. Pages get a folder for screenshots that people look at. */
import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const CANDIDATES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where screenshots go: `$SCREENSHOTS`, else a folder of the system's temporary one. */
export const screenshots = process.env.SCREENSHOTS ?? join(tmpdir(), 'weavets-screenshots')

export async function openBrowser(): Promise<Browser> {
  const executablePath = CANDIDATES.find((path) => path !== undefined && existsSync(path))
  if (executablePath === undefined)
    throw new Error('Chromium is not installed; `node scripts/chromium.js` says how to get it')
  mkdirSync(screenshots, { recursive: true })
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
