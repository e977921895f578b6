import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import show from "../../../app/components/image_grid.js"
import { browser, element } from "./dom.js"

beforeEach(() => browser())

const CROP = { src: "data:,", title: "Rank 1", mark: "right", symbol: "✓", id: "a.png", rank: "1", left: "0.900", right: "camera 2" }

function mount() {
  const grid = element("div", "crops")
  const parentElement = element("div", "", grid)
  const heard = []
  const call = (...crops) => show({
    data: { crops, layout: "ranking", label: "Ranking" }, parentElement,
    setTriggerValue: (name, value) => heard.push([name, value]),
  })
  return { grid, heard, call }
}

test("a crop shows its values and sends its id", () => {
  const { grid, heard, call } = mount()
  call(CROP)
  assert.equal(grid.className, "crops ranking")
  assert.equal(grid.attributes["aria-label"], "Ranking")
  const [card] = grid.children
  assert.deepEqual([card.kind, card.className], ["button", "crop right"])
  assert.equal(card.querySelector("img").alt, "Rank 1") // and so the name of the button
  assert.equal(card.querySelector("img").src, "data:,")
  assert.equal(card.querySelector(".rank").textContent, "1")
  assert.equal(card.querySelector(".symbol").textContent, "✓")
  assert.deepEqual(card.querySelector(".line").children.map((one) => one.textContent), ["0.900", "camera 2"])
  assert.equal(card.querySelector(".below"), null)
  card.onclick()
  assert.deepEqual(heard, [["picked", "a.png"]])
})

test("a crop with a link opens a new tab; one without link and id cannot be clicked", () => {
  const { grid, call } = mount()
  call({ src: "data:,", title: "A", mark: "unknown", href: "./?probe=a.png" }, { src: "data:,", title: "B", mark: "unknown" })
  const [link, plain] = grid.children
  assert.deepEqual([link.kind, link.href, link.target, link.rel], ["a", "./?probe=a.png", "_blank", "noopener"])
  assert.deepEqual([plain.kind, plain.attributes.role, plain.onclick], ["div", "img", undefined])
})

test("the link to an explanation sends the id; with a key held down the browser opens the link", () => {
  const { grid, heard, call } = mount()
  call({ ...CROP, why: "compare?match=a.png", explain: "Explain", explain_title: "Explain rank 1" })
  const why = grid.querySelector(".why")
  assert.equal(why.href, "compare?match=a.png")
  assert.deepEqual([why.textContent, why.attributes["aria-label"]], ["Explain", "Explain rank 1"])
  let kept = 0
  const event = { preventDefault: () => (kept += 1) }
  for (const key of ["ctrlKey", "metaKey", "shiftKey"]) why.onclick({ ...event, [key]: true })
  assert.deepEqual([heard, kept], [[], 0])
  why.onclick(event)
  assert.deepEqual([heard, kept], [[["why", "a.png"]], 1])
})

test("unchanged crops stay, and a click reaches the newest page", () => {
  const { grid, heard, call } = mount()
  const other = { ...CROP, id: "b.png", title: "Rank 2" }
  call(CROP, other)
  const [first, second] = grid.children
  call(other, { ...CROP, left: "0.800" }, { ...CROP, id: "c.png", cut: "below 0.5" })
  assert.equal(grid.children[0], second)
  assert.notEqual(grid.children[1], first)
  const [line, card] = grid.children[2].children
  assert.deepEqual([line.className, line.attributes.role, line.attributes["aria-label"]], ["cut", "note", "below 0.5"])
  card.onclick()
  second.onclick()
  assert.deepEqual(heard, [["picked", "c.png"], ["picked", "b.png"]])
})
