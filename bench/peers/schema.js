/** The messages of the bench as Protocol Buffers, for gRPC and Connect. */
import protobuf from 'protobufjs'

const PROTO = `syntax = "proto3";
package bench;
message Empty {}
message Id { string id = 1; }
message Price { int32 price = 1; }
message Money { string currencyCode = 1; int32 units = 2; int32 nanos = 3; }
message Address { string street = 1; string city = 2; string state = 3; string country = 4; int32 zipCode = 5; }
message Card { string number = 1; int32 cvv = 2; int32 year = 3; int32 month = 4; }
message Line { string productId = 1; int32 quantity = 2; .bench.Money cost = 3; }
message Order { string userId = 1; string email = 2; string currencyCode = 3; .bench.Address address = 4; .bench.Card card = 5; repeated .bench.Line lines = 6; }
message Receipt { string orderId = 1; string trackingId = 2; .bench.Money shipping = 3; .bench.Address address = 4; repeated .bench.Line lines = 5; }
message Product { string id = 1; string name = 2; string description = 3; string picture = 4; .bench.Money price = 5; repeated string categories = 6; }
message Products { repeated .bench.Product products = 1; }
message Friend { int32 id = 1; string name = 2; }
message User { int32 id = 1; string name = 2; string email = 3; double score = 4; bool active = 5; repeated string tags = 6; .bench.Address address = 7; repeated .bench.Friend friends = 8; }
message Users { repeated .bench.User users = 1; }
service Catalog {
  rpc tiny(.bench.Id) returns (.bench.Price);
  rpc order(.bench.Order) returns (.bench.Receipt);
  rpc list(.bench.Empty) returns (.bench.Products);
  rpc users(.bench.Empty) returns (.bench.Users);
}`

export const root = protobuf.parse(PROTO, { keepCase: true }).root

/** Method → request and reply. */
export const METHODS = {
  tiny: ['Id', 'Price'],
  order: ['Order', 'Receipt'],
  list: ['Empty', 'Products'],
  users: ['Empty', 'Users'],
}

/** What serves these methods: messages in, messages out. */
export function served(catalog) {
  return {
    tiny: async ({ id }) => ({ price: await catalog.tiny(id) }),
    order: (order) => catalog.order(order),
    list: async () => ({ products: await catalog.list() }),
    users: async () => ({ users: await catalog.users() }),
  }
}

/** A catalog over what calls them. */
export function called(call) {
  return {
    tiny: async (id) => (await call('tiny', { id })).price,
    order: (order) => call('order', order),
    list: async () => (await call('list', {})).products,
    users: async () => (await call('users', {})).users,
  }
}
