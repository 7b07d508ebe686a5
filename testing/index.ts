/** `weavets/testing`: runs an application's components together in a test. Exports only. */
export { type Fake, fake, type StartAppOptions, startApp, type TestApp } from './start-app.ts'
