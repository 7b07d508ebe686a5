/**
 * `node --import weavets/register src/main.ts`: importing this file is all that there is to it. Workers and forked processes
 * inherit the flag. See node.ts.
 */
import '../../runtime/node-version.ts'
import { registerLoader } from './node.ts'

registerLoader()
