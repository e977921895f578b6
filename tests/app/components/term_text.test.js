import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import show, { below } from "../../../app/components/term_text.js"
import { browser, element } from "./dom.js"

beforeEach(() => browser())

function mount() {
  const place = element("div", "term-text")
  const paragraphs = [[{ kind: "text", text: "A " }, { kind: "term", text: "probes", term: "probe" }, { kind: "strong", text: "b" }]]
  const cards = { probe: { meaning: "To search for.", figure: "<svg></svg>" } }
  show({ data: { paragraphs, cards, large: true, list: false }, parentElement: element("div", "", place) })
  return place
}

test("a term is a button with a card beside it", () => {
  const place = mount()
  const [paragraph] = place.children
  assert.deepEqual(paragraph.children.map((one) => [one.kind, one.textContent]), [["span", "A "], ["button", "probes"], ["div", ""], ["strong", "b"]])
  const card = place.querySelector(".card")
  assert.deepEqual(card.children.map((one) => one.textContent), ["probe", "", "To search for."])
  assert.equal(card.querySelector(".drawing").innerHTML, "<svg></svg>")
  assert.ok(place.classList.contains("large"))
})

test("a click opens the card below the term", () => {
  const place = mount()
  const card = place.querySelector(".card")
  let opened = 0
  card.togglePopover = () => opened++
  card.box = { width: 200, height: 100 }
  globalThis.window = { innerWidth: 800, innerHeight: 600 }
  const button = place.querySelector("button")
  button.box = { left: 50, top: 10, bottom: 30 }
  button.onclick()
  assert.equal(opened, 1)
  assert.deepEqual([card.style.left, card.style.top], ["50px", "38px"])
})

test("a card stays inside the window", () => {
  const size = { innerWidth: 400, innerHeight: 300 }
  assert.deepEqual(below({ left: 390, top: 10, bottom: 30 }, { width: 200, height: 100 }, size), { left: 192, top: 38 })
  assert.deepEqual(below({ left: 0, top: 250, bottom: 270 }, { width: 200, height: 100 }, size), { left: 8, top: 142 })
})
