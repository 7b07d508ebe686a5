/** What JSON doesn't keep of the boutique's values: dates, and that there was nothing. */
const order = (value) => ({ ...value, placedAt: new Date(value.placedAt) })

const ARGUMENTS = { 'email.sendConfirmation': ([recipient, value]) => [recipient, order(value)] }
const RESULTS = { 'checkout.placeOrder': order, 'cartCache.get': (value) => value ?? undefined }

export function argumentsOf(service, method, args) {
  const revive = ARGUMENTS[`${service}.${method}`]
  return revive ? revive(args) : args
}

export function resultOf(service, method, value) {
  const revive = RESULTS[`${service}.${method}`]
  return revive ? revive(value) : value
}
