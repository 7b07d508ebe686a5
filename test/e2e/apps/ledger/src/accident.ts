/** What a test lets happen at one point of a component's life, once: its deployer is killed, or the component fails. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export async function accident(folder: string, stage: 'start' | 'stop' | 'handOver' | 'takeOver'): Promise<void> {
  const [kill, fail] = [join(folder, `kill-at-${stage}`), join(folder, `fail-at-${stage}`)]
  if (existsSync(kill)) {
    const pid = Number(readFileSync(kill, 'utf8'))
    rmSync(kill)
    process.kill(pid, 'SIGKILL')
    // It is gone before this goes on.
    await sleep(50)
  }
  if (existsSync(fail)) {
    const text = readFileSync(fail, 'utf8')
    rmSync(fail)
    throw new Error(text)
  }
}
