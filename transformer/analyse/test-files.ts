/** Which files are tests: a leaf, for those who ask nothing else of the analysis. */
import { posix } from 'node:path'

const TEST_FILE = /(^|\/)(test|tests|__tests__)\/|\.(test|spec)\.[cm]?[jt]sx?$/

export function isTestFile(root: string, path: string): boolean {
  return TEST_FILE.test(posix.relative(root, path))
}
