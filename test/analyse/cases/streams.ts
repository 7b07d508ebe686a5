// EXPECT Streams.direct(): stream of Item
// EXPECT Streams.promised(signal?: signal): stream of (undefined | Item)
// EXPECT Streams.iterator(): stream of number
// EXPECT Streams.both(lines: stream of string, more?: stream of Item, signal?: signal): stream of Item
// EXPECT Streams.generic(a: stream of number): stream of Page<string>
// EXPECT Streams.aborted(signal: signal): undefined
// EXPECT error WV2015 at 30:22 'nested(a).items' is an 'AsyncIterable', which cannot be a part of data.
// EXPECT error WV2015 at 31:11 'list(a)[]' is an 'AsyncIterable', which cannot be a part of data.
// EXPECT error WV2015 at 32:12 'maybe()' is an 'AsyncIterable', which cannot be a part of data.
// EXPECT error WV2016 at 33:17 'first(signal)' is an 'AbortSignal', which cannot stand here.
// EXPECT error WV2016 at 34:23 'member(a).signal' is an 'AbortSignal', which cannot stand here.
// EXPECT error WV2016 at 35:18 'orNull(signal)' is an 'AbortSignal', which cannot stand here.
// EXPECT error WV2016 at 36:21 'controller(abort)' is an 'AbortController', which cannot stand here.
// EXPECT error WV2015 at 37:14 'bytes()' is a 'ReadableStream', which does not cross as what it is.
// EXPECT error WV2005 at 38:15 'feed(a)' is 'Feed', a kind of 'AsyncIterable' that would arrive as a plain one.
// EXPECT error WV2004 at 39:15 'items(a)[]' is a function, which cannot leave its process.
// EXPECT error WV2016 at 40:19 'given()' is an 'AbortSignal', which cannot stand here.
import type { Component } from 'weavets'
export interface Item { id: string }
interface Page<T> { items: T[] }
interface Feed extends AsyncIterable<Item> { close(): void }
// biome-ignore format: lines are counted
export interface Streams extends Component {
  direct(): AsyncIterable<Item>
  promised(signal?: AbortSignal): Promise<AsyncIterable<Item | undefined>>
  iterator(): AsyncIterableIterator<number>
  both(lines: AsyncIterable<string>, more?: AsyncIterable<Item>, signal?: AbortSignal | undefined): AsyncIterable<Item>
  generic(a: AsyncIteratorObject<number, unknown, void>): Promise<AsyncIterable<Page<string>>>
  aborted(signal: AbortSignal): Promise<void>
  nested(a: { items: AsyncIterable<Item> }): Promise<void>
  list(a: AsyncIterable<Item>[]): Promise<void>
  maybe(): Promise<AsyncIterable<Item> | undefined>
  first(signal: AbortSignal, id: string): Promise<void>
  member(a: { signal: AbortSignal }): Promise<void>
  orNull(signal: AbortSignal | null): Promise<void>
  controller(abort: AbortController): Promise<void>
  bytes():   ReadableStream<Uint8Array>
  feed(a:     Feed): Promise<void>
  items(a:    AsyncIterable<() => void>): Promise<void>
  given():        Promise<AbortSignal>
}
