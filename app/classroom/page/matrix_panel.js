// Equation (2) for one region: the activations at a location, their products, and the sum over the locations.
import { byId, element } from "./element.js"
import { MAP, PART, PART_TOPS, activations, addOuter, locationsOf } from "./network.js"
import { drawPixels } from "./pixels.js"
import { drawNumbers, glow, glowing, largest, legible } from "./colours.js"
import { IMAGES } from "./contributions_panel.js"
import { CELL_LABEL, MATRIX_TITLES, PAUSE, PLAY, cellText, locationText, matrixTitle, number, regionName } from "./texts.js"

const STEP_MS = 260

export class MatrixPanel {
  constructor(network) {
    this.network = network
    this.cell = [0, 0]
    this.timer = null
    this.canvases = {}
    const canvas = (name) => (this.canvases[name] = element("canvas", { className: name }))
    const figure = (title, ...children) => element("figure", {}, element("figcaption", { textContent: title }), ...children)
    this.title = element("h3")
    this.marks = element("div", { className: "marks" })
    this.play = element("button", { type: "button", className: "button quiet", onclick: () => this.toggle() })
    this.slider = element("input", { type: "range", min: 1, max: network.regionSize ** 2, "aria-label": "Location" })
    this.slider.oninput = () => {
      this.stop()
      this.draw()
    }
    this.text = element("p", { "aria-live": "polite" })
    this.cellLine = element("p", { className: "cell-text" })
    this.terms = element("div", { className: "cell-terms" })
    this.terms.style.setProperty("--side", network.regionSize)
    const sum = canvas("sum")
    sum.tabIndex = 0
    sum.setAttribute("role", "img")
    sum.setAttribute("aria-label", CELL_LABEL)
    this.pointer = element("i", { className: "pointer" })
    this.pointer.style.setProperty("--count", network.filters)
    byId("matrix-panel").replaceChildren(this.title,
      element("div", { className: "row" }, this.play, this.slider, this.text),
      element("div", { className: "flow" },
        figure(MATRIX_TITLES.part, element("div", { className: "frame" }, canvas("part"), this.marks)),
        figure(MATRIX_TITLES.product, element("div", { className: "outer" },
          element("i"), element("span", { textContent: "b(l)" }), element("i"), canvas("b"),
          element("span", { textContent: "a(l)" }), canvas("a"), canvas("product"))),
        figure(MATRIX_TITLES.sum, element("div", { className: "frame" }, sum, this.pointer)),
        figure(MATRIX_TITLES.terms, this.terms)),
      this.cellLine, element("p", { className: "scale" }, "0", element("i", { className: "ramp glow" }), MATRIX_TITLES.scale))
    sum.onpointermove = sum.onpointerdown = (event) => this.point(event)
    sum.onkeydown = (event) => this.press(event)
  }

  // `inside` is what the network has computed of the image
  show(inside, image, region) {
    const { side } = this.network
    const [part, own] = [Math.floor(region / side ** 2), region % side ** 2]
    const locations = locationsOf(this.network, own)
    this.locations = locations
    this.a = locations.map((l) => activations(this.network, inside.maps[part].a, l))
    this.b = locations.map((l) => activations(this.network, inside.maps[part].b, l))
    this.total = inside.matrices[region]
    this.tops = { a: largest(this.a.map(largest)), b: largest(this.b.map(largest)), sum: largest(this.total) }
    this.tops.product = largest(this.a.map((a, n) => largest(a) * largest(this.b[n])))
    this.title.textContent = matrixTitle(regionName(region, side), IMAGES[image])
    drawPixels(this.canvases.part, inside.pixels, PART_TOPS[part], PART)
    this.marks.replaceChildren(...locations.map((l) => {
      const mark = element("i")
      mark.style.cssText = `left: ${(100 * (l % MAP)) / MAP}%; top: ${(100 * Math.floor(l / MAP)) / MAP}%`
      return mark
    }))
    this.stop()
    this.slider.value = locations.length
    const strongest = this.total.indexOf(this.tops.sum)
    this.cell = [Math.floor(strongest / this.network.filters), strongest % this.network.filters]
    this.draw()
  }

  draw() {
    const [at, C] = [Number(this.slider.value), this.network.filters]
    const [a, b] = [this.a[at - 1], this.b[at - 1]]
    const [product, sum] = [new Float64Array(C * C), new Float64Array(C * C)]
    addOuter(product, a, b)
    for (let n = 0; n < at; n++) addOuter(sum, this.a[n], this.b[n])
    for (const [name, values] of Object.entries({ a, b, product, sum })) {
      drawNumbers(this.canvases[name], values, name === "a" ? 1 : C, glowing(this.tops[name]))
    }
    this.text.textContent = locationText(at, this.locations.length, C)
    ;[...this.marks.children].forEach((mark, n) => (mark.className = n === at - 1 ? "now" : n < at ? "done" : ""))
    this.drawCell()
  }

  // the products of one pair of filters at the locations of the region, and their sum
  drawCell() {
    const [at, [i, j]] = [Number(this.slider.value), this.cell]
    const pairs = this.a.map((a, n) => [a[i], this.b[n][j]])
    const products = pairs.map(([a, b]) => a * b)
    const top = largest(products)
    this.terms.replaceChildren(...products.map((value, n) => {
      const term = element("span", { textContent: n < at ? number(value, 2) : "" })
      const colour = glow(n < at ? value : 0, top)
      term.style.cssText = `background: rgb(${colour.join(" ")}); color: ${legible(colour)}`
      return term
    }))
    const total = products.slice(0, at).reduce((sum, value) => sum + value, 0)
    this.cellLine.textContent = cellText(i, j, pairs.slice(0, at), total)
    this.pointer.style.setProperty("--row", i)
    this.pointer.style.setProperty("--column", j)
  }

  point(event) {
    const [shown, C] = [this.canvases.sum.getBoundingClientRect(), this.network.filters]
    const place = (value, size) => Math.min(C - 1, Math.max(0, Math.floor((value / size) * C)))
    this.cell = [place(event.clientY - shown.top, shown.height), place(event.clientX - shown.left, shown.width)]
    this.drawCell()
  }

  press(event) {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (!step) return
    event.preventDefault()
    this.cell = this.cell.map((value, n) => Math.min(this.network.filters - 1, Math.max(0, value + step[n])))
    this.drawCell()
  }

  toggle() {
    if (this.timer) return this.stop()
    const total = this.locations.length
    let at = Number(this.slider.value) % total // from the first location again after the last one
    const step = () => {
      this.slider.value = at += 1
      this.draw()
      this.timer = at < total ? setTimeout(step, STEP_MS) : this.stop()
    }
    this.play.textContent = PAUSE
    step()
  }

  stop() {
    clearTimeout(this.timer)
    this.timer = null
    this.play.textContent = PLAY
  }
}
