import assert from "node:assert/strict"
import { beforeEach, mock, test } from "node:test"

import show, { between, describe, isClick, moveBy, resized, shares } from "../../../app/components/box_editor.js"
import { browser, element, pointer } from "./dom.js"

beforeEach(() => {
  browser()
  mock.timers.reset()
})

const FIRST = [0.4, 0.1, 0.6, 0.9]
const NOTHING = { dataset: {} }
const close = (found, wanted) => {
  assert.equal(found.length, wanted.length)
  found.forEach((value, n) => assert.ok(Math.abs(value - wanted[n]) < 1e-9, `${found} is not ${wanted}`))
}

function mount(boxes = [[0.25, 0, 0.5, 1]], most = 3) {
  const stage = element("div", "stage", element("img"))
  stage.box = { left: 100, top: 50, width: 400, height: 200 }
  const [add, remove, status] = [element("button", "add"), element("button", "delete"), element("p", "status")]
  const parentElement = element("div", "", stage, add, remove, status)
  const heard = []
  const data = {
    src: "data:,", width: 800, height: 400, first: FIRST, most, label: "a.png",
    texts: { box: "Box {number} of {count}: left {left}", add: "Add", remove: "Delete" },
  }
  const render = (current) => show({
    data: { ...data, boxes: current }, parentElement, setTriggerValue: (name, value) => heard.push([name, value]),
  })
  render(boxes)
  const cards = () => stage.querySelectorAll(".box")
  return {
    stage, add, remove, status, heard, render, cards,
    places: () => cards().map(({ style }) => [style.left, style.top, style.width, style.height]),
    sent: () => heard.at(-1)?.[1],
    press: (key, target = cards()[0] ?? stage, more = {}) => stage.onkeydown({ key, target, preventDefault() {}, ...more }),
    drag: (from, to, target = NOTHING) => {
      stage.onpointerdown(pointer(...from, { target }))
      stage.onpointermove(pointer(...to))
      stage.onpointerup(pointer(...to))
    },
  }
}

test("a pointer's relative position; outside, the nearest edge", () => {
  const area = { left: 100, top: 50, width: 400, height: 200 }
  assert.deepEqual(shares(pointer(300, 100), area), [0.5, 0.25])
  assert.deepEqual(shares(pointer(0, 900), area), [0, 1])
})

test("a box between two corners in any order", () => {
  assert.deepEqual(between([0.6, 0.1], [0.2, 0.9]), [0.2, 0.1, 0.6, 0.9])
})

test("a box smaller than twelve pixels is a click", () => {
  assert.equal(isClick([0, 0, 0.02, 1], { width: 500, height: 500 }), true)
  assert.equal(isClick([0, 0, 1, 0.02], { width: 500, height: 500 }), true)
  assert.equal(isClick([0, 0, 0.025, 0.025], { width: 500, height: 500 }), false)
})

test("a moved box keeps its size and stays inside the image", () => {
  close(moveBy([0.25, 0.5, 0.5, 0.75], [0.25, -0.25]), [0.5, 0.25, 0.75, 0.5])
  close(moveBy([0.25, 0.5, 0.5, 0.75], [9, -9]), [0.75, 0, 1, 0.25])
})

test("each handle moves its own edges", () => {
  const box = [0.2, 0.2, 0.8, 0.8]
  const by = (handle) => resized(box, handle, [0.1, -0.1], [0.05, 0.05])
  close(by("n"), [0.2, 0.1, 0.8, 0.8])
  close(by("s"), [0.2, 0.2, 0.8, 0.7])
  close(by("e"), [0.2, 0.2, 0.9, 0.8])
  close(by("w"), [0.3, 0.2, 0.8, 0.8])
  close(by("ne"), [0.2, 0.1, 0.9, 0.8])
  close(by("sw"), [0.3, 0.2, 0.8, 0.7])
})

test("a resized box stays inside the image and keeps a minimum size", () => {
  close(resized([0.2, 0.2, 0.8, 0.8], "se", [9, 9], [0.05, 0.1]), [0.2, 0.2, 1, 1])
  close(resized([0.2, 0.2, 0.8, 0.8], "se", [-9, -9], [0.05, 0.1]), [0.2, 0.2, 0.25, 0.3])
  close(resized([0.2, 0.2, 0.8, 0.8], "nw", [9, 9], [0.05, 0.1]), [0.75, 0.7, 0.8, 0.8])
})

test("a box is described by its percentages", () => {
  const text = "{number}/{count}: {left} {top} {width} {height}"
  assert.equal(describe(text, [0.1, 0.2, 0.4, 0.901], 1, 2), "1/2: 10 20 30 70")
})

test("the boxes that Python sent are shown, with labels", () => {
  const { stage, places, cards, status, render, add, remove } = mount([[0.25, 0, 0.5, 1], FIRST])
  assert.equal(stage.style.aspectRatio, "800 / 400")
  assert.equal(stage.attributes["aria-label"], "a.png")
  assert.deepEqual(places()[0], ["25%", "0%", "25%", "100%"])
  assert.deepEqual(cards().map((card) => card.attributes["aria-label"]), ["Box 1 of 2: left 25", "Box 2 of 2: left 40"])
  assert.equal(status.textContent, "Box 1 of 2: left 25")
  assert.deepEqual([add.textContent, remove.textContent], ["Add", "Delete"])
  const kept = cards()[0]
  render([FIRST])
  assert.equal(cards().length, 1)
  assert.equal(cards()[0], kept) // and the keyboard's focus with it
})

test("without boxes there is nothing to delete", () => {
  const { places, add, remove, status } = mount([])
  assert.deepEqual(places(), [])
  assert.deepEqual([add.disabled, remove.disabled, status.textContent], [true, true, ""])
})

test("a drawn box is shown during the drag, and sent at its end", () => {
  const { stage, heard, places } = mount([])
  stage.onpointermove(pointer(200, 100)) // not pressed
  assert.deepEqual(places(), [])
  stage.onpointerdown(pointer(400, 200, { target: NOTHING }))
  stage.onpointermove(pointer(200, 100))
  assert.deepEqual(places(), [["25%", "25%", "50%", "50%"]])
  assert.deepEqual(heard, [])
  stage.onpointerup(pointer(200, 100))
  assert.deepEqual(heard, [["drawn", [[0.25, 0.25, 0.75, 0.75]]]])
})

test("a box that is drawn again replaces the selected one", () => {
  const { drag, sent } = mount()
  drag([400, 200], [200, 100])
  assert.deepEqual(sent(), [[0.25, 0.25, 0.75, 0.75]])
})

test("a click and a cancelled drag restore the boxes", () => {
  const { stage, heard, places, drag } = mount()
  const before = places()
  drag([400, 200], [402, 202])
  assert.deepEqual(places(), before)
  stage.onpointerdown(pointer(400, 200, { target: NOTHING }))
  stage.onpointermove(pointer(200, 100))
  stage.onpointercancel()
  stage.onpointermove(pointer(300, 100))
  assert.deepEqual([heard, places()], [[], before])
})

test("a box is moved by its inside and resized by a handle", () => {
  const { drag, cards, sent } = mount([[0.25, 0.25, 0.5, 0.75]])
  drag([200, 150], [240, 170], cards()[0])
  close(sent()[0], [0.35, 0.35, 0.6, 0.85])
  const corner = cards()[0].querySelector(".se")
  drag([340, 220], [380, 200], corner)
  close(sent()[0], [0.35, 0.35, 0.7, 0.75])
})

test("a click on a box selects it, and sends nothing", () => {
  const { drag, cards, heard, status } = mount([[0, 0, 0.25, 1], FIRST])
  drag([300, 150], [300, 150], cards()[1])
  assert.deepEqual(heard, [])
  assert.deepEqual(cards().map((card) => card.className), ["box", "box chosen"])
  assert.equal(status.textContent, "Box 2 of 2: left 40")
})

test("what Python sends during a drag does not disturb it", () => {
  const { stage, render, places } = mount([])
  stage.onpointerdown(pointer(400, 200, { target: NOTHING }))
  stage.onpointermove(pointer(200, 100))
  render([FIRST])
  assert.deepEqual(places(), [["25%", "25%", "50%", "50%"]])
})

test("arrow keys move a box, with shift they resize it; it is sent after a pause", () => {
  mock.timers.enable({ apis: ["setTimeout"] })
  const { press, heard, sent, render } = mount([[0.25, 0.25, 0.5, 0.75]])
  press("ArrowRight")
  press("ArrowDown")
  press("ArrowLeft", undefined, { shiftKey: true })
  press("ArrowDown", undefined, { shiftKey: true })
  render([[0.25, 0.25, 0.5, 0.75]]) // an answer to an earlier change
  assert.deepEqual(heard, [])
  mock.timers.tick(1000)
  assert.equal(heard.length, 1)
  close(sent()[0], [0.26, 0.26, 0.5, 0.77])
})

test("the keyboard draws the first box, and Enter sends it", () => {
  const { stage, press, cards, heard, sent } = mount([])
  press("a", stage)
  assert.equal(cards().length, 0)
  press("ArrowRight", stage)
  assert.equal(cards()[0].className, "box chosen proposed")
  assert.equal(stage.getRootNode().activeElement, cards()[0])
  assert.deepEqual(heard, [])
  press("Enter")
  assert.deepEqual(sent(), [FIRST])
  assert.equal(cards()[0].className, "box chosen")
})

test("another box is proposed, stays while Python answers, and is sent once it is moved", () => {
  const { add, render, cards, drag, sent, heard } = mount([[0, 0, 0.25, 1]])
  add.onclick()
  render([[0, 0, 0.25, 1]])
  assert.equal(cards().length, 2)
  assert.deepEqual([heard, add.disabled], [[], true])
  drag([300, 150], [340, 150], cards()[1])
  close(sent()[1], [0.5, 0.1, 0.7, 0.9])
  assert.equal(add.disabled, false)
})

test("there are at most as many boxes as Python allows", () => {
  const { add, cards } = mount([[0, 0, 0.25, 1], FIRST], 2)
  assert.equal(add.disabled, true)
  add.onclick()
  assert.equal(cards().length, 2)
})

test("the selected box is deleted by a key or the button", () => {
  const { stage, press, remove, cards, sent } = mount([[0, 0, 0.25, 1], FIRST])
  stage.onfocusin({ target: cards()[1] })
  press("Delete", cards()[1])
  assert.deepEqual(sent(), [[0, 0, 0.25, 1]])
  assert.equal(cards().length, 1)
  remove.onclick()
  assert.deepEqual(sent(), [])
  assert.equal(stage.getRootNode().activeElement, stage)
})
