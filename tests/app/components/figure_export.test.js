import assert from "node:assert/strict"
import { test } from "node:test"

import show, { chartFigure, drawing, local, wrap } from "../../../app/components/figure_export.js"
import { browser, element } from "./dom.js"

test("a caption is wrapped between words", () => {
  assert.deepEqual(wrap("one two three", 7), ["one two", "three"])
  assert.deepEqual(wrap("a-word-that-is-too-long b", 5), ["a-word-that-is-too-long", "b"])
})

test("a file refers to itself, and its lines grow with the drawing", () => {
  assert.equal(local("clip-path=\"url('http://host/page?a=b#clip')\""), "clip-path=\"url('#clip')\"")
  assert.equal(local("clip-path: url(&quot;#clip&quot;)"), "clip-path: url(&quot;#clip&quot;)")
  assert.equal(local("fill: none; vector-effect: non-scaling-stroke;"), "fill: none; ")
})

test("a drawing has all layers but those for the mouse, and the caption", () => {
  browser()
  const layers = [element("svg", "main-svg", element("g", "plot")), element("svg", "main-svg", element("g", "hoverlayer"))]
  for (const layer of layers) {
    layer.setAttribute("width", 300)
    layer.setAttribute("height", 200)
  }
  const drawn = drawing(chartFigure(element("div", "js-plotly-plot", ...layers)), "What the chart shows.")
  assert.ok(Number(drawn.attributes.width) >= 300)
  assert.ok(Number(drawn.attributes.height) > 200)
  assert.equal(drawn.querySelectorAll("g").map((one) => one.className).join(), "plot")
  assert.equal(drawn.querySelector("desc").textContent, "What the chart shows.")
  assert.equal(drawn.querySelector("text").textContent, "What the chart shows.")
})

test("each button names its chart", () => {
  const button = element("button")
  button.textContent = "Figure as SVG"
  button.dataset.format = "svg"
  show({ data: { chart: "one", name: "one", caption: "", label: "The chart" }, parentElement: element("div", "", button) })
  assert.equal(button.attributes["aria-label"], "Figure as SVG: The chart")
})

test("the buttons of a map draw the map with their key", () => {
  const asked = []
  browser()
  globalThis.document.querySelector = () => assert.fail("a map is no chart")
  globalThis.personMaps = new Map([["one", { figure: () => void asked.push("one") }]])
  for (const map of ["one", "another"]) {
    const button = element("button")
    button.dataset.format = "png"
    show({ data: { map, name: "map", caption: "", label: "The map" }, parentElement: element("div", "", button) })
    button.onclick()
  }
  assert.deepEqual(asked, ["one"])
})
