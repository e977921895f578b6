import assert from "node:assert/strict"
import { beforeEach, mock, test } from "node:test"

import show, { lengthOf, outer, runningSums } from "../../../app/components/location_sum.js"
import { browser, element } from "./dom.js"

beforeEach(() => {
  browser()
  mock.timers.reset()
})

const TEXTS = {
  play: "Play", pause: "Pause", location: "Location", which: "{number} of {count}: {row}, {column}", streams: "s",
  field: "{rows} x {columns}", product: "p", sum: "s", features: "f", single: "one stream",
  readout: "{i} {j}: {a} {b} {product} {sum} {length} {energy}",
}
const SPANS = [[[0, 4], [2, 8], [6, 12]], [[0, 1], [1, 2], [2, 3]]] // of the part of 12 pixels, and of 3 locations
const DATA = {
  region: "2-0", a: [[1, 2], [3, 0], [0, 1], [1, 1]], b: [[5, 0, 1], [1, 1, 1], [2, 0, 0], [0, 4, 0]], columns: 3,
  entry: 2, energy: 12, streams: 2, size: 2, first: [1, 0], part: "data:,", sizes: [12, 3],
  layers: [{ name: "conv", size: 3, filters: 2 }], spans: SPANS, colours: [[0, 0, 0], [255, 255, 255]], texts: TEXTS,
}

function mount(more = {}) {
  const stage = element("div", "location-sum")
  const parentElement = element("div", "", stage)
  const call = (changes = {}) => show({ data: { ...DATA, ...more, ...changes }, parentElement })
  const press = (key, target = stage) => stage.onkeydown({ key, target, preventDefault() {} })
  const which = () => stage.querySelector(".which").textContent
  const readout = () => stage.querySelector(".readout").textContent
  return { stage, call, press, which, readout, remove: call() }
}

test("an outer product has one row for each filter of stream A", () => {
  assert.deepEqual([...outer([1, 2], [5, 0, 1], 3)], [5, 0, 1, 10, 0, 2])
})

test("rows of a group meet the filters of their group only", () => {
  // two groups: filters 1, 2 of stream A with filters 1, 2 of stream B, and 3, 4 with 3, 4
  assert.deepEqual([...outer([1, 2, 3, 4], [5, 6, 7, 8], 2)], [5, 6, 10, 12, 21, 24, 28, 32])
})

test("the last running sum is the sum over all locations", () => {
  const sums = runningSums(DATA.a, DATA.b, 3)
  assert.equal(sums.length, 4)
  const naive = Array(6).fill(0)
  DATA.a.forEach((a, l) => a.forEach((x, i) => DATA.b[l].forEach((y, j) => (naive[i * 3 + j] += x * y))))
  assert.deepEqual([...sums[3]], naive)
  assert.deepEqual([...sums[0]], [5, 0, 1, 10, 0, 2])
  assert.equal(lengthOf([3, 4]), 5)
})

test("keys and the slider select a location", () => {
  const { stage, press, which, readout } = mount()
  assert.equal(which(), "1 of 4: 2, 1")
  assert.equal(readout(), "1 3: 1 1 1 1 11.4 12")
  press("ArrowRight")
  assert.equal(which(), "2 of 4: 2, 2")
  assert.equal(readout(), "1 3: 3 1 3 4 13.9 12")
  press("End")
  assert.equal(which(), "4 of 4: 3, 2")
  press("ArrowRight")
  assert.equal(which(), "4 of 4: 3, 2")
  press("Home")
  press("ArrowLeft")
  assert.equal(which(), "1 of 4: 2, 1")
  const slider = stage.querySelector(".slider")
  slider.value = "3"
  slider.oninput()
  assert.equal(which(), "3 of 4: 3, 1")
})

test("the sum is played to its end and can be paused", () => {
  mock.timers.enable({ apis: ["setTimeout"] })
  const { stage, press, which, remove } = mount()
  const tick = (times) => { for (let n = 0; n < times; n += 1) mock.timers.tick(450) }
  const play = stage.querySelector(".play")
  assert.equal(play.attributes["aria-label"], "Play")
  play.onclick()
  assert.equal(play.attributes["aria-label"], "Pause")
  tick(1)
  assert.equal(which(), "2 of 4: 2, 2")
  press(" ")
  tick(3)
  assert.equal(which(), "2 of 4: 2, 2")
  press(" ")
  tick(9)
  assert.equal(which(), "4 of 4: 3, 2")
  assert.equal(play.attributes["aria-label"], "Play")
  play.onclick() // from the start again
  assert.equal(which(), "1 of 4: 2, 1")
  remove()
  tick(9)
  assert.equal(which(), "1 of 4: 2, 1")
})

test("another entry keeps the location, another region starts again", () => {
  const { call, press, which, readout } = mount()
  press("ArrowRight")
  call({ entry: 0 })
  assert.equal(which(), "2 of 4: 2, 2")
  assert.equal(readout().slice(0, 4), "1 1:")
  call({ region: "2-1" })
  assert.equal(which(), "1 of 4: 2, 1")
})

test("the numbers of an entry are shown while the pointer is over it", () => {
  const { stage, readout } = mount()
  const sum = stage.querySelectorAll("canvas.sum")[0]
  sum.box = { left: 100, top: 0, width: 300, height: 200 }
  sum.onpointermove({ clientX: 150, clientY: 150 })
  assert.equal(readout().slice(0, 16), "2 1: 2 5 10 10 1")
  sum.onpointerleave()
  assert.equal(readout().slice(0, 4), "1 3:")
})

test("the receptive field is drawn in the part and in each layer of both streams", () => {
  const { stage, press } = mount()
  press("End") // row 3, column 2
  const fields = stage.querySelectorAll(".field").map((one) => one.attributes)
  assert.equal(fields.length, 3)
  assert.deepEqual([fields[2].x, fields[2].width, fields[2].height], ["25", "75", "75"]) // columns 2 to 8 of 12 are 150 wide
})

test("a network with one stream shows its activations and no product", () => {
  const { stage, readout } = mount({ b: [], streams: 1, columns: 1 })
  assert.equal(readout(), "one stream")
  assert.equal(stage.querySelectorAll("canvas.product").length, 0)
  assert.equal(stage.querySelectorAll("canvas.a").length, 1)
})

test("a single location has no controls to play", () => {
  const { stage } = mount({ a: [[1, 2]], b: [[1, 0, 1]], size: 1 })
  assert.equal(stage.querySelectorAll("button").length, 0)
})

test("without layers the drawing shows the square of a location on its part, and no streams", () => {
  const { stage } = mount({ layers: [], sizes: [12], spans: SPANS.slice(0, 1) })
  assert.ok(stage.querySelector(".square"))
  assert.equal(stage.querySelectorAll(".plane").length, 0)
  assert.equal(stage.querySelectorAll(".region").length, 1)
})
