import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import show, * as map from "../../../app/components/scatter_map.js"
import { browser, element, pointer } from "./dom.js"

const STAGE = { width: 600, height: 400 }
let world
beforeEach(() => (world = browser()))

// four points: in the middle, left, above and right
const POINTS = [0, 0, -1, 0, 0, 1, 1, 0]
const text = (values) => btoa(String.fromCharCode(...new Uint8Array(values.buffer ?? values)))

function sent(changes = {}) {
  return {
    name: "a map", label: "a map of 4 images", key: "one", move: "Move", group: "embedding", height: 400, count: 4, dimensions: 2, extent: [1, 1],
    coordinates: text(new Float32Array(POINTS)), colours: text(Uint8Array.of(1, 1, 0, 1)), palette: ["#888", "#f00"],
    legend: [["anna", "#f00"]], labels: ["middle", "left", "above", "right"], shown: text(Uint8Array.of(1, 1, 1, 0)),
    picked: -1, neighbours: [], marked: [], uploads: [], sprite: "", ...changes,
  }
}

function mount(changes) {
  const move = element("button")
  const lasso = element("button")
  const whole = element("button")
  Object.assign(move.dataset, { mode: "move" })
  Object.assign(lasso.dataset, { mode: "lasso" })
  const canvas = element("canvas")
  const tip = element("div", "tip", element("span", "crop"), element("span", "text"))
  const stage = element("div", "map", canvas, element("div", "name"), element("div", "tools", move, lasso, whole),
    element("div", "legend"), tip)
  const parentElement = element("div", "", stage)
  const heard = []
  const call = (more) => show({
    data: sent({ ...changes, ...more }), parentElement,
    setTriggerValue: (name, value) => heard.push([name, value]),
  })
  return { canvas, tip, stage, lasso, whole, heard, call, remove: call() }
}

// where the stage shows the points: 145 pixels are a unit
const MIDDLE = [300, 200]
const LEFT = [155, 200]
const RIGHT = [445, 200]

function close(found, expected) {
  assert.equal(found.length, expected.length)
  found.forEach((value, place) => assert.ok(Math.abs(value - expected[place]) < 1e-4, `${found} is not ${expected}`))
}

test("a unit fills the stage between name and legend", () => {
  assert.equal(map.unitOf(STAGE, 2, [1, 1]), 145) // (400 - 110) / 2
  assert.equal(map.unitOf(STAGE, 2, [2, 0.5]), 135) // (600 - 60) / 4
  assert.equal(map.unitOf(STAGE, 3, [9, 9]), 290 / 2.4)
})

test("points are projected: y increases upwards, the centre of the view is in the middle", () => {
  const placed = map.project(POINTS, 2, STAGE, map.home(), 145)
  close([...placed.x], [300, 155, 300, 445])
  close([...placed.y], [200, 200, 55, 200])
  const moved = map.project(POINTS, 2, STAGE, { ...map.home(), x: 1, scale: 2 }, 145)
  close([...moved.x], [300 - 290, 300 - 580, 300 - 290, 300])
})

test("in 3 dimensions a rotation by 90 degrees brings the side to the front", () => {
  const view = { ...map.home(), yaw: Math.PI / 2, pitch: 0 }
  const placed = map.project([1, 0, 0, 0, 0, 1, 0, 1, 0], 3, STAGE, view, 100)
  close([...placed.x], [300, 400, 300])
  close([...placed.y], [200, 200, 100])
  close([...placed.depth], [-1, 0, 0])
  const tilted = map.project([0, 1, 0], 3, STAGE, { ...view, yaw: 0, pitch: Math.PI / 2 }, 100)
  close([tilted.x[0], tilted.y[0], tilted.depth[0]], [300, 200, 1])
})

test("zooming keeps the point under the pointer", () => {
  const point = [400, 120]
  for (const view of [map.home(), { ...map.home(), x: 0.3, y: -0.2, scale: 3 }]) {
    const inMap = ({ x, y, scale }) => [x + (point[0] - 300) / (145 * scale), y - (point[1] - 200) / (145 * scale)]
    const larger = map.zoomed(view, 1.8, point, STAGE, 145)
    assert.equal(larger.scale, 1.8 * view.scale)
    close(inMap(larger), inMap(view))
  }
  assert.equal(map.zoomed(map.home(), 1000, point, STAGE, 145).scale, 60)
  assert.equal(map.zoomed(map.home(), 0.001, point, STAGE, 145).scale, 0.5)
})

test("a drag moves a flat map and rotates one in 3 dimensions", () => {
  const start = { view: map.home(), shift: false }
  assert.deepEqual(map.dragged(start, 29, 58, 2, 290), { x: -0.1, y: 0.2 })
  assert.deepEqual(map.dragged(start, 15, 30, 3, 290), { yaw: 0.7, pitch: 0.35 + 0.2 })
  assert.deepEqual(map.dragged({ ...start, shift: true }, 29, 58, 3, 290), { x: -0.1, y: 0.2 })
})

test("the nearest point within reach, of those that are shown", () => {
  const placed = map.project(POINTS, 2, STAGE, map.home(), 145)
  const shown = [1, 1, 1, 0]
  assert.equal(map.nearest(placed, shown, [304, 204]), 0)
  assert.equal(map.nearest(placed, shown, [155, 208]), 1)
  assert.equal(map.nearest(placed, shown, [155, 210]), -1)
  assert.equal(map.nearest(placed, shown, RIGHT), -1)
  assert.equal(map.nearest({ x: [0, 4], y: [0, 0] }, [1, 1], [3, 0]), 1)
})

test("points inside a lasso", () => {
  const placed = map.project(POINTS, 2, STAGE, map.home(), 145)
  const left = [[100, 100], [320, 100], [320, 300], [100, 300]]
  assert.deepEqual(map.inside(placed, [1, 1, 1, 1], left), [0, 1])
  assert.deepEqual(map.inside(placed, [0, 1, 1, 1], left), [1])
  const horseshoe = [[0, 0], [10, 0], [10, 10], [6, 10], [6, 4], [4, 4], [4, 10], [0, 10]]
  assert.deepEqual([[2, 8], [5, 8], [8, 8], [5, 2]].map(([x, y]) => map.contains(horseshoe, x, y)),
    [true, false, true, true])
})

test("points are drawn from back to front", () => {
  assert.deepEqual(map.order([1, 0, 1, 1], [1, 1, 0, 2], [0, 0, 0, 0], 2), [1, 2, 0, 3])
  assert.deepEqual(map.order([1, 1, 0, 1], [1, 1, 1, 1], [0.9, -0.9, 1, 0], 3), [2, 1, 3, 0])
})

test("half of the time is half of the way, with a slow start and end", () => {
  close([...map.between(Float32Array.of(0, 2), Float32Array.of(1, 4), 0.5)], [0.5, 3])
  close([...map.between([0], [1], 0.25)], [0.15625])
  close([...map.between([0], [1], 1)], [1])
})

test("a disc covers its area", () => {
  const dot = map.disc(3)
  let area = 0
  for (let k = 0; k < dot.length; k += 4) area += dot[k + 2]
  assert.ok(Math.abs(area - Math.PI * 9) < 1.5, area)
})

test("colours as the canvas writes them", () => {
  const known = { "#abc": "#aabbcc", "rgb(1 2 3 / 50%)": "rgba(1, 2, 3, 0.5)" }
  const pen = { set fillStyle(colour) { this.kept = known[colour] ?? colour }, get fillStyle() { return this.kept } }
  assert.deepEqual(map.rgb(pen, " #abc "), [170, 187, 204])
  assert.deepEqual(map.rgb(pen, "rgb(1 2 3 / 50%)"), [1, 2, 3])
})

test("numbers come as text", () => {
  assert.deepEqual([...map.bytes(btoa("\x00\x07\xff"))], [0, 7, 255])
  assert.deepEqual([...map.floats(text(new Float32Array([0.5, -2])))], [0.5, -2])
})

test("a click selects the point below it, a drag moves the map", () => {
  const { canvas, heard } = mount()
  canvas.onpointerdown(pointer(...LEFT))
  canvas.onpointerup(pointer(...LEFT))
  assert.deepEqual(heard, [["picked", 1]])
  canvas.onpointerdown(pointer(...MIDDLE))
  canvas.onpointermove(pointer(400, 200))
  canvas.onpointerup(pointer(400, 200))
  canvas.onpointerdown(pointer(400, 200)) // where the middle is now
  canvas.onpointerup(pointer(401, 200))
  assert.deepEqual(heard, [["picked", 1], ["picked", 0]])
})

test("a lasso selects the points inside; a button resets the view", () => {
  const { canvas, heard, lasso, whole } = mount()
  lasso.onclick()
  assert.equal(lasso.attributes["aria-pressed"], "true")
  canvas.onpointerdown(pointer(100, 100))
  for (const [x, y] of [[320, 100], [320, 300], [100, 300]]) canvas.onpointermove(pointer(x, y))
  canvas.onpointerup(pointer(100, 300))
  assert.deepEqual(heard, [["chosen", [0, 1]]])
  canvas.ondblclick(pointer(300, 200))
  whole.onclick()
  canvas.onpointerdown(pointer(...LEFT))
  canvas.onpointerup(pointer(...LEFT))
  assert.deepEqual(heard.at(-1), ["picked", 1])
})

test("the wheel zooms a map that was clicked, and scrolls the page otherwise", () => {
  const { canvas } = mount()
  const turn = () => {
    const event = Object.assign(new CustomEvent("wheel", { cancelable: true }), { deltaY: -400, clientX: 300, clientY: 200 })
    canvas.dispatchEvent(event)
    return event.defaultPrevented
  }
  assert.equal(turn(), false)
  canvas.focus()
  assert.equal(turn(), true)
})

test("hovering shows the label of a point, and highlights it on other maps", () => {
  const [one, two] = [mount(), mount()]
  one.canvas.onpointermove(pointer(...LEFT))
  assert.equal(one.tip.querySelector(".text").textContent, "left")
  assert.equal(one.tip.style.display, "flex")
  assert.ok(one.canvas.classList.contains("over") && !two.canvas.classList.contains("over"))
  assert.equal(two.canvas.drawn, 2) // with a ring
  two.remove()
  one.canvas.onpointermove(pointer(...MIDDLE))
  assert.equal(two.canvas.drawn, 2)
  one.canvas.onpointerleave()
  assert.equal(one.tip.style.display, "none")
})

test("points move to new positions", () => {
  const { call, canvas, heard } = mount()
  call({ coordinates: text(new Float32Array([0, 0, -1, 0, 0, 1, 1, 0].map((value) => -value))) })
  assert.equal(world.frames.length, 1)
  world.now = 5000
  world.frames.pop()()
  assert.equal(world.frames.length, 0)
  canvas.onpointerdown(pointer(...RIGHT)) // where the left one is now
  canvas.onpointerup(pointer(...RIGHT))
  assert.deepEqual(heard, [["picked", 1]])
})

test("a removed map removes its listeners and observers", () => {
  const { canvas, call, remove } = mount()
  assert.equal(world.observed.size, 1)
  assert.equal(world.listening.size, 2)
  const again = call({ picked: 1 }) // the same map, sent anew
  assert.deepEqual([world.observed.size, world.listening.size], [1, 2])
  call({ coordinates: text(new Float32Array([1, 0, -1, 0, 0, 1, 1, 0])) })
  again()
  assert.deepEqual([world.observed.size, world.listening.size], [0, 0])
  world.frames.pop()()
  assert.equal(world.frames.length, 0) // it does not travel on
  canvas.focus()
  const wheel = Object.assign(new CustomEvent("wheel", { cancelable: true }), { deltaY: 1, clientX: 0, clientY: 0 })
  canvas.dispatchEvent(wheel)
  assert.equal(wheel.defaultPrevented, false)
  remove() // again: nothing happens
  call() // and if it comes back
  assert.deepEqual([world.observed.size, world.listening.size], [1, 2])
})

test("a map ends at the lower edge of the window", () => {
  assert.equal(map.heightIn(900, 350), 534)
  assert.equal(map.heightIn(844, 600), 591) // the rest is too low: a share of the window
  assert.equal(map.heightIn(400, 600), 320)
  const { stage, call } = mount({ height: null })
  assert.equal(stage.style.height, "884px")
  globalThis.innerHeight = 700
  globalThis.dispatchEvent(new CustomEvent("resize"))
  assert.equal(stage.style.height, "684px")
  call({ height: 400 })
  assert.equal(stage.style.height, "400px")
})

test("a figure has what the map shows, and belongs to the map with its key", () => {
  const { remove } = mount({ picked: 0, neighbours: [1], uploads: [{ name: "new", place: [0, 1] }] })
  const { width, height, parts: [root] } = globalThis.personMaps.get("one").figure()
  assert.deepEqual([width, height], [600, 400])
  const circles = root.querySelectorAll("circle").map((one) => one.attributes)
  const points = circles.filter((one) => one["fill-opacity"])
  assert.deepEqual(points.map((one) => [one.cx, one.cy].map(Number)), [RIGHT, [300, 55], MIDDLE, LEFT]) // back to front
  assert.deepEqual(points.map((one) => one["fill-opacity"]), ["0.1", "0.6", "0.95", "0.95"])
  assert.equal(circles.filter((one) => one.fill === "none").length, 2) // around the selected point and its neighbour
  assert.deepEqual(["x1", "y1", "x2", "y2"].map((name) => Number(root.querySelector("line").attributes[name])), [...MIDDLE, ...LEFT])
  assert.deepEqual(root.querySelectorAll("text").map((one) => one.textContent), ["new", "a map", "anna"])
  assert.equal(root.querySelectorAll("path").length, 1)
  remove()
  assert.equal(globalThis.personMaps.has("one"), false)
})

test("a legend has as many lines as it needs", () => {
  const places = map.legendPlaces([["anna", "#f00"], ["bert", "#0f0"], ["carl", "#00f"]], 150, 400)
  assert.deepEqual(places.map(({ entry, top }) => [entry[0], top]), [["anna", 368], ["bert", 368], ["carl", 386]])
  assert.ok(places[0].left === places[2].left && places[1].left > places[0].left)
})
