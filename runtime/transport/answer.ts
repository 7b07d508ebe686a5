/**
 * Answers as the caller reads them: a result is decoded by its method, an error by the error codec, and either settles the
 * call. Bytes that don't fit reject the call and are thrown on, for the connection to close.
 */

import { decodeError, type ErrorClasses } from '../codec/error.ts'
import { protocolError, type Reader } from '../codec/reader.ts'
import { WeaveError } from '../errors.ts'
import type { Call } from './call.ts'
import { RemoteFailure } from './failure.ts'
import { FRAME } from './socket/frames.ts'

/** What decoding an error needs to know of the application. */
export interface AnswerReader {
  readonly errors: ErrorClasses
  /** Full name of a component, by index. */
  readonly componentNames: readonly string[]
}

/** Settles a call by the answer of process `peer`; false: an answer is of no such kind. Throws what the connection ends with. */
export function readAnswer(kind: number, call: Call, reader: Reader, answers: AnswerReader, peer: string): boolean {
  if (kind === FRAME.result) readResult(call, reader)
  else if (kind === FRAME.error) readError(call, reader, answers, `process ${peer}`)
  else if (kind === FRAME.unexecuted) readRefusal(call, reader, answers, peer, `process ${peer}`)
  else if (kind === FRAME.elsewhere) readElsewhere(call, reader, peer)
  else if (kind === FRAME.own) readOwn(call, reader)
  else return false
  return true
}

/** The callee had it and ran it, or will: what the call carries is attached there. One that has not run was never attached. */
export function isAttached(kind: number): boolean {
  return kind !== FRAME.unexecuted && kind !== FRAME.elsewhere
}

export function readResult(call: Call, reader: Reader): void {
  let value: unknown
  const { owner } = call
  owner.counts.received(call.methodIndex, reader.left)
  reader.references = owner.references
  try {
    value = call.method.decodeResult(reader)
    if (reader.left !== 0) throw protocolError(`${reader.left} bytes are left over after a result`)
  } catch (error) {
    call.reject(error)
    // A codec of the user's has refused it: the bytes were the protocol all the same.
    if (error instanceof WeaveError && error.code === 'WV_VALUE') return
    throw error
  }
  call.resolve(value)
}

/** The call failed with what the caller itself had sent: the reason of its signal, the error of a stream. */
export function readOwn(call: Call, reader: Reader): void {
  try {
    const number = reader.varint()
    if (reader.left !== 0) throw protocolError(`${reader.left} bytes are left over after an answer`)
    if (call.carried === undefined) throw protocolError('a call failed with an error of its caller, which sent none')
    call.reject(call.carried.own(number))
  } catch (error) {
    call.reject(error)
    throw error
  }
}

/**
 * The call has not run, and perhaps another replica will: then its owner makes it again. `peer`: the process that refused it; `place` as for
 * `readError`.
 */
export function readRefusal(call: Call, reader: Reader, answers: AnswerReader, peer: string, place: string): void {
  let refusal: unknown
  try {
    refusal = decodeError(reader, answers.errors)
    if (!(refusal instanceof WeaveError)) throw protocolError('a refusal is no error of weavets')
    if (reader.left !== 0) throw protocolError(`${reader.left} bytes are left over after a refusal`)
  } catch (error) {
    call.reject(error)
    throw error
  }
  if (!call.owner.refused(call, peer, refusal)) call.reject(new RemoteFailure(refusal, hopOf(call, answers, place)))
}

/** The component has left process `peer`: the call goes to where it is now, with the arguments that came back. */
export function readElsewhere(call: Call, reader: Reader, peer: string): void {
  const payload = Buffer.from(reader.rest())
  if (call.args !== undefined) {
    call.payload = payload
    call.args = undefined
  }
  call.owner.elsewhere(call, peer)
}

function hopOf(call: Call, answers: AnswerReader, place: string): string {
  const component = answers.componentNames[call.component] ?? ''
  return `${component.slice(component.lastIndexOf('.') + 1)}.${call.method.name} (${place})`
}

/** `place`: where the error comes from, for its stack. */
export function readError(call: Call, reader: Reader, answers: AnswerReader, place: string): void {
  let decoded: unknown
  call.owner.counts.received(call.methodIndex, reader.left)
  try {
    decoded = decodeError(reader, answers.errors)
    if (reader.left !== 0) throw protocolError(`${reader.left} bytes are left over after an error`)
  } catch (error) {
    call.reject(error)
    throw error
  }
  const hop = hopOf(call, answers, place)
  if (!(decoded instanceof Promise)) {
    call.reject(new RemoteFailure(call.owner.withEdge(call, decoded), hop))
    return
  }
  // The error's class has to be imported first.
  decoded.then(
    (error) => call.reject(new RemoteFailure(call.owner.withEdge(call, error), hop)),
    (error) => call.reject(error),
  )
}
