// Types as their authors publish them, each passed in and given back.
import type { WebhookEvent } from '@octokit/webhooks-types'
import type { Program } from 'estree'
import type { Bundle, FhirResource } from 'fhir/r4.js'
import type { Root } from 'mdast'
import type { Topology } from 'topojson-specification'
import type { OpenAPIV2, OpenAPIV3, OpenAPIV3_1 } from 'openapi-types'
import type { PackageJson, TsConfigJson } from 'type-fest'
import { type Component, type Main, run } from 'weavets'

export interface Hooks extends Component {
  echo(event: WebhookEvent): Promise<WebhookEvent>
}
export interface Syntax extends Component {
  echo(program: Program): Promise<Program>
}
export interface Markdown extends Component {
  echo(root: Root): Promise<Root>
}
export interface Maps extends Component {
  echo(topology: Topology): Promise<Topology>
}
export interface Health extends Component {
  echo(resource: FhirResource): Promise<Bundle>
}
export interface Specs extends Component {
  echo(document: OpenAPIV3.Document | OpenAPIV3_1.Document | OpenAPIV2.Document): Promise<OpenAPIV3.Document>
}
export interface Packages extends Component {
  echo(json: PackageJson): Promise<TsConfigJson>
}
export class Hook implements Hooks {
  async echo(event: WebhookEvent) {
    return event
  }
}
export class App implements Main {
  constructor(readonly hooks: Hooks) {}
  async main() {}
}
await run(App)
