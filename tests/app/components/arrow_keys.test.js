import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import listen, { types } from "../../../app/components/arrow_keys.js"

let document, clicked
beforeEach(() => {
  clicked = []
  document = new EventTarget()
  document.querySelector = (selector) => (selector === ".gone a" ? null : { click: () => clicked.push(selector) })
  globalThis.document = document
})

function press(key, more = {}) {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key, composedPath: () => [{}], ...more })
  document.dispatchEvent(event)
  return event
}

test("a key clicks its link until the component goes", () => {
  const stop = listen({ data: { keys: { ArrowRight: ".next a", ArrowLeft: ".gone a" } } })
  assert.ok(press("ArrowRight").defaultPrevented)
  assert.ok(!press("ArrowLeft").defaultPrevented && !press("a").defaultPrevented)
  press("ArrowRight", { altKey: true })
  assert.deepEqual(clicked, [".next a"])
  stop()
  press("ArrowRight")
  assert.deepEqual(clicked, [".next a"])
})

test("widgets keep their arrow keys", () => {
  listen({ data: { keys: { ArrowRight: ".next a" } } })
  const slider = { closest: () => ({}) }
  assert.ok(types(slider) && !types({ closest: () => null }) && !types(undefined))
  press("ArrowRight", { composedPath: () => [slider] })
  assert.deepEqual(clicked, [])
})
