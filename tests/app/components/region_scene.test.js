import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import show, { cellOf, curve } from "../../../app/components/region_scene.js"
import { browser, element } from "./dom.js"

beforeEach(() => browser())

const GRID = {
  kind: "grid", box: [0, 0, 60, 40], id: "image-0", rows: 2, columns: 3, titles: ["a", "b", "c", "d", "e", "f"], chosen: 4,
  keys: true, lines: true,
}
const LINK = { kind: "link", from: [0, 10], to: [100, 30], id: 7, tone: "for", width: 2, title: "0.3", chosen: false }

function mount() {
  const scene = element("div", "scene")
  const parentElement = element("div", "", scene)
  const heard = []
  const call = (...items) => show({
    data: { width: 300, height: 200, label: "A scene", items }, parentElement,
    setTriggerValue: (name, value) => heard.push([name, value]),
  })
  return { scene, heard, call }
}

test("cells are ordered row by row", () => {
  assert.deepEqual(cellOf([10, 20, 60, 40], 2, 3, 0), [10, 20, 20, 20])
  assert.deepEqual(cellOf([10, 20, 60, 40], 2, 3, 5), [50, 40, 20, 20])
})

test("a link starts and ends horizontally", () => {
  assert.equal(curve([0, 10], [100, 30]), "M 0,10 C 50 10 50 30 100,30")
})

test("a drawing has its size and its label, and its items in order", () => {
  const { scene, call } = mount()
  call({ kind: "image", box: [1, 2, 3, 4], src: "data:,", pixelated: true, grey: false },
    { kind: "frame", box: [1, 2, 3, 4], tone: "focus", width: 2 },
    { kind: "text", x: 5, y: 6, text: "trunk", size: 12, anchor: "middle", tone: "quiet" },
    { kind: "line", from: [1, 2], to: [3, 4], tone: "border", width: 1 })
  const [drawing] = scene.children
  assert.deepEqual([drawing.attributes.viewBox, drawing.attributes["aria-label"]], ["0 0 300 200", "A scene"])
  const [image, frame, words, line] = drawing.children
  assert.deepEqual(image.attributes, { x: "1", y: "2", width: "3", height: "4", href: "data:,",
    preserveAspectRatio: "none", class: "pixelated " })
  assert.deepEqual([frame.kind, frame.className, frame.attributes["stroke-width"]], ["rect", "frame focus", "2"])
  assert.deepEqual([words.textContent, words.attributes["text-anchor"]], ["trunk", "middle"])
  assert.deepEqual([line.attributes.x1, line.attributes.y2], ["1", "4"])
})

test("a cell and a link send their ids, by click and by key", () => {
  const { scene, heard, call } = mount()
  call(GRID, LINK)
  const cell = scene.querySelector('[data-id="image-0-5"]')
  assert.deepEqual([cell.attributes.role, cell.attributes.tabindex, cell.attributes["aria-label"]], ["button", "0", "f"])
  cell.onclick()
  let kept = 0
  const press = (key) => cell.onkeydown({ key, preventDefault: () => (kept += 1) })
  for (const key of ["Enter", " ", "Tab"]) press(key)
  scene.querySelector('[data-id="link-7"]').onclick()
  const picked = ["picked", ["image-0", 5]]
  assert.deepEqual(heard, [picked, picked, picked, ["picked", ["link", 7]]])
  assert.equal(kept, 2)
})

test("a grid without a name cannot be clicked; many cells are not reached by keys", () => {
  const { scene, call } = mount()
  call({ ...GRID, id: "" }, { ...GRID, keys: false, chosen: null })
  const [plain, many] = scene.querySelectorAll(".grid")
  assert.ok(plain.querySelectorAll("rect").every((one) => one.onclick === undefined))
  assert.equal(plain.querySelectorAll(".chosen").length, 1)
  assert.equal(many.querySelectorAll(".chosen").length, 0)
  assert.ok(many.querySelectorAll(".cell").every((one) => one.onclick && one.attributes.tabindex === undefined))
})

test("the focus is restored", () => {
  const { scene, call } = mount()
  call(GRID)
  scene.querySelector('[data-id="image-0-2"]').focus()
  call({ ...GRID, chosen: 2 })
  assert.equal(scene.getRootNode().activeElement, scene.querySelector('[data-id="image-0-2"]'))
})
