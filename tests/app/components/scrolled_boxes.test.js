import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import watch, { update } from "../../../app/components/scrolled_boxes.js"

class Box {
  constructor(scrollWidth, clientWidth) {
    Object.assign(this, { scrollWidth, clientWidth, attributes: {} })
  }
  set tabIndex(value) {
    this.setAttribute("tabindex", value)
  }
  hasAttribute(name) {
    return name in this.attributes
  }
  setAttribute(name, value) {
    this.attributes[name] = String(value)
  }
  removeAttribute(name) {
    delete this.attributes[name]
  }
}

const FOCUSABLE = { tabindex: "0", role: "group", "aria-label": "wide" }
let boxes, observed, frames
beforeEach(() => {
  ;[boxes, observed, frames] = [[], [], []]
  globalThis.window = new EventTarget()
  globalThis.document = { body: {}, querySelectorAll: () => boxes }
  globalThis.requestAnimationFrame = (call) => frames.push(call)
  globalThis.cancelAnimationFrame = () => {}
  globalThis.MutationObserver = class {
    constructor(call) {
      this.call = call
    }
    observe() {
      observed.push(this)
    }
    disconnect() {
      observed.splice(observed.indexOf(this), 1)
    }
  }
})

test("a box has the focus only while it is narrower than its content", () => {
  const box = new Box(500, 300)
  update(box, "wide")
  assert.deepEqual(box.attributes, FOCUSABLE)
  box.clientWidth = 500
  update(box, "wide")
  assert.deepEqual(box.attributes, {})
})

test("boxes are looked at when the page changes and when the window does, once a frame", () => {
  const stop = watch({ data: { label: "wide" } })
  frames.pop()()
  boxes = [new Box(500, 300), new Box(300, 300)]
  observed[0].call()
  observed[0].call()
  assert.equal(frames.length, 1)
  frames.pop()()
  assert.deepEqual(boxes.map((box) => box.attributes), [FOCUSABLE, {}])
  boxes[1].scrollWidth = 301
  globalThis.window.dispatchEvent(new Event("resize"))
  frames.pop()()
  assert.deepEqual(boxes[1].attributes, FOCUSABLE)
  stop()
  globalThis.window.dispatchEvent(new Event("resize"))
  assert.deepEqual([observed, frames], [[], []])
})
