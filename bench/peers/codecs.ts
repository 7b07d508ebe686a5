/**
 * The codecs that the bench compares with, each as its own manual would have it at its best: schemas compiled beforehand, buffers shared where
 * the library can, shared structures where it has them. Schemas are derived from the same shapes as ours.
 */
import { deserialize, serialize } from 'node:v8'
import type { Definitions, Member, Shape } from '../../runtime/shape.ts'
import { bebopWay } from './bebop.ts'

export interface Way {
  readonly name: string
  encode(value: unknown): unknown
  /** A copy of the bytes, outside of the measurement. */
  bytes(value: unknown): Buffer
  decode(bytes: Buffer): unknown
}

export interface Schema {
  readonly definitions: Definitions
  readonly shape: Shape
  readonly doubles: ReadonlySet<string>
}

export function peersOf(schema: Schema, require: NodeJS.Require): Way[] {
  return [
    avscWay(schema, require),
    msgpackrWay(require),
    protobufjsWay(schema, require),
    bufbuildWay(schema, require),
    cborWay(require),
    bebopWay(schema, require),
    {
      name: 'JSON',
      encode: (value) => Buffer.from(JSON.stringify(value)),
      bytes: (value) => Buffer.from(JSON.stringify(value)),
      decode: (bytes) => JSON.parse(bytes.toString()),
    },
    { name: 'v8.serialize', encode: serialize, bytes: serialize, decode: deserialize },
  ]
}

const shortName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

/** Into one buffer for all messages, checked by nobody: `encode` of avsc writes what it is given. */
function avscWay({ definitions, shape, doubles }: Schema, require: NodeJS.Require): Way {
  const met = new Set<string>()
  const of = (part: Shape, member?: string): unknown => {
    if (part.kind === 'array') return { type: 'array', items: of(part.of, member) }
    if (part.kind === 'number') return member !== undefined && doubles.has(member) ? 'double' : 'int'
    if (part.kind !== 'ref') return part.kind
    if (met.has(part.name)) return part.name
    met.add(part.name)
    const { members } = definitions[part.name] as { members: Member[] }
    return {
      type: 'record',
      name: part.name,
      fields: members.map((each) => ({ name: each.name, type: of(each.shape, each.name) })),
    }
  }
  const type = require('avsc').Type.forSchema(of(shape), { wrapUnions: false })
  const shared = Buffer.alloc(256 * 1024)
  return {
    name: 'avsc, shared buffer',
    encode: (value) => type.encode(value, shared, 0),
    bytes: (value) => type.toBuffer(value),
    decode: (bytes) => type.fromBuffer(bytes),
  }
}

function msgpackrWay(require: NodeJS.Require): Way {
  const packr = new (require('msgpackr').Packr)({ structures: [], bundleStrings: false })
  return {
    name: 'msgpackr, shared structures',
    encode: (value) => packr.pack(value),
    bytes: (value) => Buffer.from(packr.pack(value)),
    decode: (bytes) => packr.unpack(bytes),
  }
}

function cborWay(require: NodeJS.Require): Way {
  const encoder = new (require('cbor-x').Encoder)({ structures: [] })
  return {
    name: 'cbor-x, shared structures',
    encode: (value) => encoder.encode(value),
    bytes: (value) => Buffer.from(encoder.encode(value)),
    decode: (bytes) => encoder.decode(bytes),
  }
}

/** A .proto of the shapes; a list or a string by itself is the one field of a message. */
function protoOf({ definitions, shape, doubles }: Schema): string {
  const type = (part: Shape, member: string): string =>
    part.kind === 'array'
      ? `repeated ${type(part.of, member)}`
      : part.kind === 'number'
        ? doubles.has(member)
          ? 'double'
          : 'int32'
        : part.kind === 'boolean'
          ? 'bool'
          : part.kind === 'ref'
            ? shortName(part.name)
            : 'string'
  const messages = Object.entries(definitions).map(([name, definition]) => {
    const { members } = definition as { members: Member[] }
    const fields = members.map((member, at) => `  ${type(member.shape, member.name)} ${member.name} = ${at + 1};`)
    return `message ${shortName(name)} {\n${fields.join('\n')}\n}`
  })
  const whole = shape.kind === 'ref' ? '' : `message Whole {\n  ${type(shape, 'value')} value = 1;\n}`
  return ['syntax = "proto3";', ...messages, whole].join('\n')
}

/** The functions that protobufjs generates by reflection are those of its static modules. */
function protobufjsWay(schema: Schema, require: NodeJS.Require): Way {
  const { root } = require('protobufjs').parse(protoOf(schema), { keepCase: true })
  const wraps = schema.shape.kind !== 'ref'
  const type = root.lookupType(schema.shape.kind === 'ref' ? shortName(schema.shape.name) : 'Whole')
  const encode = (value: unknown) => type.encode(wraps ? { value } : value).finish()
  return {
    name: 'protobufjs static',
    encode,
    bytes: (value) => Buffer.from(encode(value)),
    decode: wraps ? (bytes) => type.decode(bytes).value : (bytes) => type.decode(bytes),
  }
}

function bufbuildWay(schema: Schema, require: NodeJS.Require): Way {
  const { root } = require('protobufjs').parse(protoOf(schema), { keepCase: true })
  require('protobufjs/ext/descriptor')
  const { FileDescriptorSet } = require('protobufjs/ext/descriptor')
  const { create, createFileRegistry, fromBinary, toBinary } = require('@bufbuild/protobuf')
  const { FileDescriptorSetSchema } = require('@bufbuild/protobuf/wkt')
  root.resolveAll()
  const set = FileDescriptorSet.encode(root.toDescriptor('proto3')).finish()
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, set))
  const wraps = schema.shape.kind !== 'ref'
  const message = registry.getMessage(schema.shape.kind === 'ref' ? shortName(schema.shape.name) : 'Whole')
  const encode = (value: unknown) => toBinary(message, create(message, wraps ? { value } : value))
  return {
    name: '@bufbuild/protobuf',
    encode,
    bytes: (value) => Buffer.from(encode(value)),
    decode: (bytes) => fromBinary(message, bytes),
  }
}
