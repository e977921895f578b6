import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import show, { between, isClick, shares } from "../../../app/components/box_editor.js"
import { browser, element, pointer } from "./dom.js"

beforeEach(() => browser())

function mount() {
  const box = element("div", "box")
  const stage = element("div", "stage", element("img"), box)
  stage.box = { left: 100, top: 50, width: 400, height: 200 }
  const heard = []
  show({
    data: { src: "data:,", width: 800, height: 400, box: [0.25, 0, 0.5, 1], label: "a.png: drag" },
    parentElement: element("div", "", stage), setTriggerValue: (name, value) => heard.push([name, value]),
  })
  return { stage, box, heard, place: () => [box.style.left, box.style.top, box.style.width, box.style.height] }
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

test("the box that Python sent is shown", () => {
  const { stage, place } = mount()
  assert.equal(stage.style.aspectRatio, "800 / 400")
  assert.equal(stage.attributes["aria-label"], "a.png: drag")
  assert.deepEqual(place(), ["25%", "0%", "25%", "100%"])
})

test("a drawn box is shown during the drag, and sent at its end", () => {
  const { stage, heard, place } = mount()
  stage.onpointermove(pointer(200, 100)) // not pressed
  assert.deepEqual(place(), ["25%", "0%", "25%", "100%"])
  stage.onpointerdown(pointer(400, 200))
  stage.onpointermove(pointer(200, 100))
  assert.deepEqual(place(), ["25%", "25%", "50%", "50%"])
  assert.deepEqual(heard, [])
  stage.onpointerup(pointer(200, 100))
  assert.deepEqual(heard, [["drawn", [0.25, 0.25, 0.75, 0.75]]])
})

test("a click and a cancelled drag restore the box", () => {
  const { stage, heard, place } = mount()
  stage.onpointerdown(pointer(400, 200))
  stage.onpointerup(pointer(402, 202))
  assert.deepEqual(place(), ["25%", "0%", "25%", "100%"])
  stage.onpointerdown(pointer(400, 200))
  stage.onpointermove(pointer(200, 100))
  stage.onpointercancel()
  stage.onpointermove(pointer(300, 100))
  assert.deepEqual([heard, place()], [[], ["25%", "0%", "25%", "100%"]])
})
