import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import show, { copy } from "../../../app/components/context_bar.js"
import { browser, element } from "./dom.js"

beforeEach(() => browser())

function mount(src) {
  const image = element("img")
  const [list, button] = [element("dl", "facts"), element("button")]
  const data = { src, facts: [["Probe", "a.png"], ["Model", "<b>"]], label: "Context", copy: "Copy", copied: "Copied", help: "" }
  show({ data, parentElement: element("div", "", element("div", "bar", image, list, button)) })
  return { image, list, button }
}

function clipboard(writeText) {
  Object.defineProperty(globalThis, "navigator", { value: { clipboard: writeText && { writeText } }, configurable: true })
}

test("names and values are shown as text", () => {
  const { list } = mount("")
  assert.deepEqual(list.children.map((row) => row.children.map((one) => one.textContent)), [["Probe", "a.png"], ["Model", "<b>"]])
})

test("without a probe there is no image", () => {
  assert.equal(mount("").image.hidden, true)
  const { image } = mount("data:,x")
  assert.equal(image.hidden, false)
  assert.equal(image.src, "data:,x")
})

test("the button copies the address of the page and confirms it", async () => {
  const copied = []
  clipboard(async (text) => copied.push(text))
  globalThis.window = { location: { href: "http://localhost/compare?probe=a.png" } }
  const { button } = mount("")
  assert.equal(button.textContent, "Copy")
  await button.onclick()
  assert.deepEqual(copied, ["http://localhost/compare?probe=a.png"])
  assert.equal(button.textContent, "Copied")
})

test("without a clipboard a selected field is copied and removed", async () => {
  clipboard(undefined)
  const field = { select: () => (field.selected = true), remove: () => (field.removed = true) }
  const commands = []
  globalThis.document = { createElement: () => field, body: { append: () => {} }, execCommand: (name) => commands.push([name, field.value]) }
  await copy("http://localhost/")
  assert.deepEqual(commands, [["copy", "http://localhost/"]])
  assert.ok(field.selected && field.removed)
})
