/** Which files are tests: a leaf, for those who ask nothing else of the analysis. */
import { fromRoot } from '../../from-root.ts'

const TEST_FILE = /(^|\/)(test|tests|__tests__)\/|\.(test|spec)\.[cm]?[jt]sx?$/

export function isTestFile(root: string, path: string): boolean {
  return TEST_FILE.test(fromRoot(root, path))
}
