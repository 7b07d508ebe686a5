/**
 * WV4xxx: what a new version breaks for callers that were built with an older one (`weave check --against`). Inside a deployment
 * versions never talk, so this concerns callers outside of it.
 */
import { type CatalogueEntry, error, warning } from './entry.ts'

const before = {
  'src/cart.ts': `export interface Line {
  product: string
  quantity: number
  note?: string
}

export interface Cart extends Component {
  lines(user: string): Promise<Line[]>
  put(user: string, line: Line): Promise<void>
}`,
}
const orders = (method: string): Record<string, string> => ({
  'src/orders.ts': `export interface Orders extends Component {
  ${method}
}`,
})

export const COMPATIBILITY = {
  WV4001: error(
    'wire-change',
    'A type has changed',
    'Callers outside the deployment, built with the version that the manifest is of, go on sending the old form of a parameter and expecting the old form of a result. Add the new form beside the old one, as another member or another method, and remove the old one when nobody uses it.',
    {
      before,
      wrong: {
        'src/cart.ts': `export interface Line {
  product: string
  [|quantity|]: string
  note?: string
}

export interface Cart extends Component {
  lines(user: string): Promise<Line[]>
  put(user: string, line: Line): Promise<void>
}`,
      },
      right: {
        'src/cart.ts': `export interface Line {
  product: string
  quantity: number
  /** In words, such as 'a dozen'. */
  amount?: string
  note?: string
}

export interface Cart extends Component {
  lines(user: string): Promise<Line[]>
  put(user: string, line: Line): Promise<void>
}`,
      },
    },
  ),
  WV4002: error(
    'removed-method',
    'A method is gone',
    'Callers outside the deployment call methods by their names. Keep the method until nobody calls it; under a new name, let the old one call it.',
    {
      before: orders('cancel(id: string): Promise<void>'),
      wrong: orders('[|revoke|](id: string): Promise<void>'),
      right: {
        'src/orders.ts': `export interface Orders extends Component {
  /** @deprecated Use 'revoke'. */
  cancel(id: string): Promise<void>
  revoke(id: string): Promise<void>
}`,
      },
    },
  ),
  WV4003: error(
    'required-added',
    'Something new is required',
    'Callers outside the deployment that were built before do not send a parameter or a member that did not exist, and may leave out what was optional. Make it optional, and let the component decide what its absence means.',
    {
      before: orders('place(product: string): Promise<string>'),
      wrong: orders('place(product: string, [|quantity|]: number): Promise<string>'),
      right: orders('place(product: string, quantity?: number): Promise<string>'),
    },
  ),
  WV4004: error(
    'removed-component',
    'A component is gone',
    "A component is called by its name, the path of its file and the interface's name. When its interface is renamed or moved, callers outside the deployment do not find it any more. Keep an interface at the old place while they are there.",
    {
      before: orders('count(): Promise<number>'),
      wrong: {
        'src/shop/orders.ts': `export interface [|Orders|] extends Component {
  count(): Promise<number>
}`,
      },
      right: {
        ...orders('count(): Promise<number>'),
        'src/shop/orders.ts': `export interface ShopOrders extends Component {
  count(): Promise<number>
}`,
      },
    },
  ),
  WV4005: error(
    'result-member-missing',
    'A result lacks what it had',
    'Callers outside the deployment read members of a result that were always there, and do not ask whether they are. Go on filling a member until nobody reads it. Members that were optional may go.',
    {
      before,
      wrong: {
        'src/cart.ts': `export interface Line {
  product: string
  [|quantity|]?: number
  note?: string
}

export interface Cart extends Component {
  lines(user: string): Promise<Line[]>
  put(user: string, line: Line): Promise<void>
}`,
      },
      right: {
        'src/cart.ts': `export interface Line {
  product: string
  quantity: number
}

export interface Cart extends Component {
  lines(user: string): Promise<Line[]>
  put(user: string, line: Line): Promise<void>
}`,
      },
    },
  ),
  WV4006: error(
    'values-changed',
    'A set of values has changed',
    'A result may only be what old callers know, and a parameter must go on taking what they send. So a union or a set of literals may grow in parameters and shrink in results, and not the other way round.',
    {
      before: orders("state(id: string): Promise<'open' | 'sent'>"),
      wrong: orders("[|state|](id: string): Promise<'open' | 'sent' | 'lost'>"),
      right: {
        'src/orders.ts': `export interface Orders extends Component {
  /** 'lost' counts as 'sent' here. */
  state(id: string): Promise<'open' | 'sent'>
  whereabouts(id: string): Promise<'open' | 'sent' | 'lost'>
}`,
      },
    },
  ),
  WV4007: error(
    'idempotent-dropped',
    'A method is not idempotent any more',
    'Callers outside the deployment repeat a call of an idempotent method when they do not know whether it has run. Without the policy a repeated call may do its work twice.',
    {
      before: orders('/** @idempotent */\n  cancel(id: string): Promise<void>'),
      wrong: orders('[|cancel|](id: string): Promise<void>'),
      right: orders('/** @idempotent */\n  cancel(id: string): Promise<void>'),
    },
  ),
  WV4008: warning(
    'key-changed',
    'A method is routed by another value',
    'Callers outside the deployment choose the replica by the key that they know. With another key, what belongs together may reach two replicas, each with a memory of its own.',
    {
      before: orders('count(user: Key<string>, shop: string): Promise<number>'),
      wrong: orders('[|count|](user: string, shop: Key<string>): Promise<number>'),
      right: orders('count(user: Key<string>, shop: string): Promise<number>'),
    },
  ),
  WV4009: warning(
    'timeout-shortened',
    'A method has less time than before',
    'Answers that came in time before may come too late now, for callers that were built when there was more of it.',
    {
      before: orders('/** @timeout 5s */\n  search(text: string): Promise<string[]>'),
      wrong: orders('/** @timeout 500ms */\n  [|search|](text: string): Promise<string[]>'),
      right: orders('/** @timeout 10s */\n  search(text: string): Promise<string[]>'),
    },
  ),
} as const satisfies Record<string, CatalogueEntry>
