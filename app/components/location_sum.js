// The locations of a region, one after another: the receptive field in each layer of the streams, the activations a(l)
// and b(l), their outer product (equation 1), and the sum of the outer products up to l (equation 2). All numbers are
// sent once, and the browser computes the products and sums.
const SVG = "http://www.w3.org/2000/svg"
const PLAY_MS = 9000 // for all locations
const [FASTEST_MS, SLOWEST_MS] = [40, 450] // for one location
const PART = 150 // pixels of the part on the screen
const [FIRST, STEP, ROW, TOP] = [204, 92, 112, 24] // pixels: the first layer, from a layer to the next, a stream, its top
const views = new WeakMap()

export default function ({ data, parentElement }) {
  const stage = parentElement.querySelector(".location-sum")
  if (!views.has(stage)) views.set(stage, new LocationSum(stage))
  views.get(stage).show(data)
  return () => {
    views.get(stage)?.stop()
    views.delete(stage)
  }
}

// a(l) b(l)^T, row by row; b has `columns` filters in each group, and row i has the products with i's group
export function outer(a, b, columns) {
  const groups = b.length / columns
  return Float64Array.from({ length: a.length * columns }, (_, n) => {
    const i = Math.floor(n / columns)
    return a[i] * b[Math.floor((i * groups) / a.length) * columns + (n % columns)]
  })
}

// the sums of the outer products of the first 1, 2, ... locations
export function runningSums(a, b, columns) {
  const sums = []
  a.forEach((at, l) => {
    const product = outer(at, b[l], columns)
    sums.push(l ? product.map((value, n) => value + sums[l - 1][n]) : product)
  })
  return sums
}

export function lengthOf(matrix) {
  return Math.sqrt(matrix.reduce((sum, value) => sum + value * value, 0))
}

class LocationSum {
  constructor(stage) {
    this.stage = stage
    this.at = 0
    this.timer = null
    stage.onkeydown = (event) => this.press(event)
  }

  show(data) {
    const old = this.data
    this.data = data
    this.products = data.b.length ? data.a.map((at, l) => outer(at, data.b[l], data.columns)) : []
    this.sums = data.b.length ? runningSums(data.a, data.b, data.columns) : []
    if (old?.region !== data.region) this.stop()
    if (old?.region !== data.region || this.at >= data.a.length) this.at = 0
    this.tops = {
      a: top(data.a), b: top(data.b), product: top(this.products), sum: top(this.sums.slice(-1)),
    }
    this.over = null
    this.build()
    this.draw()
  }

  build() {
    const { data } = this
    const many = data.a.length > 1
    this.play = made("button", "play", "")
    this.play.setAttribute("type", "button")
    this.play.onclick = () => (this.timer ? this.stop() : this.start())
    this.slider = made("input", "slider")
    for (const [name, value] of Object.entries({ type: "range", min: 1, max: data.a.length, step: 1, "aria-label": data.texts.location }))
      this.slider.setAttribute(name, value)
    this.slider.oninput = () => this.go(Number(this.slider.value) - 1)
    this.which = made("output", "which", "")
    const controls = made("div", "controls", "", ...(many ? [this.play, this.slider] : []), this.which)

    const wide = data.layers.length ? FIRST + STEP * 3 + 76 : PART // without layers, the part alone
    this.field = svg("svg", { viewBox: `0 0 ${wide} ${TOP + ROW * data.streams}`, role: "img", "aria-label": data.texts.streams })
    const figures = [figure(data.layers.length ? "streams" : "square", data.texts.streams, this.field)]
    const [first] = figures
    new ResizeObserver(() => (first.tabIndex = first.scrollWidth > first.clientWidth ? 0 : -1)).observe(first) // it scrolls
    this.canvases = {}
    for (const name of ["a", "b", "product", "sum"]) this.canvases[name] = made("canvas", name)
    const { a, b, product, sum } = this.canvases
    if (this.sums.length) {
      for (const name of ["product", "sum"]) {
        this.canvases[name].onpointermove = (event) => this.hover(event, this.canvases[name])
        this.canvases[name].onpointerleave = () => this.hover(null)
      }
      const table = made("div", "table", "", made("span", "corner", ""), b, a, product)
      figures.push(
        figure("products", data.texts.product, table, this.scale("a", "a"), this.scale("b", "b"), this.scale("product", "a bᵀ")),
        figure("sums", data.texts.sum, sum, this.scale("sum", "Φ")),
      )
    } else figures.push(figure("products", data.texts.features, made("div", "alone", "", a), this.scale("a", "a")))
    this.readout = made("p", "readout", "")
    this.stage.replaceChildren(controls, made("div", "figures", "", ...figures), this.readout)
  }

  // a colour scale from 0 to the highest value
  scale(name, symbol) {
    const ramp = made("span", "ramp", "")
    const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => colour(this.data.colours, share))
    ramp.style.background = `linear-gradient(to right, ${stops.map((rgb) => `rgb(${rgb})`).join(", ")})`
    return made("div", "scale", "", made("span", "", `${symbol}: 0`), ramp, made("span", "", short(this.tops[name])))
  }

  // playing ----------------------------------------------------------------------------------------------------------
  start() {
    const pause = Math.min(SLOWEST_MS, Math.max(FASTEST_MS, PLAY_MS / this.data.a.length))
    if (this.at === this.data.a.length - 1) this.go(0)
    const next = () => {
      this.timer = this.at < this.data.a.length - 2 ? setTimeout(next, pause) : null
      this.go(this.at + 1)
    }
    this.timer = setTimeout(next, pause)
    this.draw()
  }

  stop() {
    clearTimeout(this.timer)
    this.timer = null
    if (this.play) this.label()
  }

  go(at) {
    this.at = Math.max(0, Math.min(this.data.a.length - 1, at))
    this.draw()
  }

  press(event) {
    const steps = { ArrowRight: this.at + 1, ArrowLeft: this.at - 1, Home: 0, End: this.data.a.length - 1 }
    const ofButton = event.target === this.play
    if (event.key in steps) this.go(steps[event.key])
    else if (event.key === " " && !ofButton) this.timer ? this.stop() : this.start()
    else return
    event.preventDefault()
  }

  hover(event, canvas) {
    this.over = null
    if (event) {
      const { left, top, width, height } = canvas.getBoundingClientRect()
      const [rows, columns] = [this.data.a[0].length, this.data.columns]
      const i = Math.floor(((event.clientY - top) / height) * rows)
      const j = Math.floor(((event.clientX - left) / width) * columns)
      if (i >= 0 && i < rows && j >= 0 && j < columns) this.over = i * columns + j
    }
    this.draw()
  }

  // drawing ----------------------------------------------------------------------------------------------------------
  label() {
    this.play.textContent = this.timer ? "❚❚" : "▶"
    this.play.setAttribute("aria-label", this.timer ? this.data.texts.pause : this.data.texts.play)
  }

  draw() {
    const { data, at, canvases, tops } = this
    const [row, column] = [data.first[0] + Math.floor(at / data.size), data.first[1] + (at % data.size)]
    this.label()
    this.slider.value = at + 1
    this.which.textContent = fill(data.texts.which, { number: at + 1, count: data.a.length, row: row + 1, column: column + 1 })
    this.drawField(row, column)
    heat(canvases.a, data.a[at], 1, tops.a, data.colours)
    if (!this.sums.length) {
      this.readout.textContent = data.texts.single
      return
    }
    const chosen = this.over ?? data.entry
    heat(canvases.b, data.b[at], data.columns, tops.b, data.colours)
    heat(canvases.product, this.products[at], data.columns, tops.product, data.colours, chosen)
    heat(canvases.sum, this.sums[at], data.columns, tops.sum, data.colours, chosen)
    const [i, j] = [Math.floor(chosen / data.columns), chosen % data.columns]
    const group = Math.floor((i * data.b[at].length) / data.columns / data.a[at].length)
    this.readout.textContent = fill(data.texts.readout, {
      i: i + 1, j: j + 1, a: short(data.a[at][i]), b: short(data.b[at][group * data.columns + j]),
      product: short(this.products[at][chosen]), sum: short(this.sums[at][chosen]),
      length: short(lengthOf(this.sums[at])), energy: short(data.energy),
    })
  }

  // the part, and the layers of each stream, with the squares that the location depends on
  drawField(row, column) {
    const { data } = this
    const middle = TOP + (ROW * data.streams - 24 - PART) / 2
    const partScale = PART / data.sizes[0]
    const items = [svg("image", { x: 0, y: middle, width: PART, height: PART, href: data.part, class: "pixelated" })]
    const region = data.size * (PART / data.spans[0].length)
    const corner = data.first.map((n) => n * (PART / data.spans[0].length))
    items.push(svg("rect", { x: corner[1], y: middle + corner[0], width: region, height: region, class: "region" }))
    const seen = square(data.spans[0], row, column, 0, middle, partScale)
    for (let stream = 0; data.layers.length && stream < data.streams; stream += 1) {
      const y = TOP + stream * ROW
      items.push(text(FIRST - 26, y + 36, data.streams > 1 ? "AB"[stream] : "", "stream"))
      let before = seen
      data.layers.forEach(({ name, size, filters }, n) => {
        const side = 18 + size * 0.8
        const x = FIRST + n * STEP
        for (const shift of [8, 4, 0])
          items.push(svg("rect", { x: x + shift, y: y - shift, width: side, height: side, class: `plane ${"ab"[stream]}` }))
        const field = square(data.spans[n + 1], row, column, x, y, side / size)
        for (const end of [0, 1])
          items.push(svg("line", {
            x1: before.x + before.width, y1: before.y + end * before.height, x2: field.x, y2: field.y + end * field.height, class: "cone",
          }))
        items.push(svg("rect", { ...field, class: "field" }))
        items.push(text(x, y + 80, name, ""), text(x, y + 94, `${size} × ${size} × ${filters}`, "quiet"))
        before = field
      })
    }
    items.push(svg("rect", { ...seen, class: "field" }))
    const high = seen.height / partScale, wide = seen.width / partScale
    items.push(text(0, middle + PART + 16, fill(data.texts.field, { rows: Math.round(high), columns: Math.round(wide) }), "quiet"))
    this.field.replaceChildren(...items)
  }
}

function square(spans, row, column, x, y, scale) {
  const [[top, bottom], [left, right]] = [spans[row], spans[column]]
  return { x: x + left * scale, y: y + top * scale, width: (right - left) * scale, height: (bottom - top) * scale }
}

// values, row by row, as colours from 0 to `top`; the number of a value gets a frame
function heat(canvas, values, columns, top, colours, framed = -1) {
  const rows = values.length / columns
  const cell = Math.max(1, Math.floor(256 / Math.max(rows, columns)))
  canvas.width = columns * cell
  canvas.height = rows * cell
  const pen = canvas.getContext("2d")
  values.forEach((value, n) => {
    pen.fillStyle = `rgb(${colour(colours, top > 0 ? value / top : 0)})`
    pen.fillRect((n % columns) * cell, Math.floor(n / columns) * cell, cell, cell)
  })
  if (framed < 0) return
  pen.strokeStyle = "#fff"
  pen.lineWidth = Math.max(1, cell / 6)
  pen.strokeRect((framed % columns) * cell, Math.floor(framed / columns) * cell, cell, cell)
}

function colour(colours, share) {
  return colours[Math.round(Math.min(1, Math.max(0, share)) * (colours.length - 1))].join(" ")
}

function top(rows) {
  return rows.reduce((most, row) => row.reduce((high, value) => Math.max(high, value), most), 0)
}

function short(value) {
  return String(Number(value.toPrecision(3)))
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name])
}

function figure(name, caption, ...children) {
  return made("figure", name, "", made("figcaption", "", caption), ...children)
}

function made(kind, name, content = "", ...children) {
  const one = document.createElement(kind)
  one.className = name
  if (content) one.textContent = content
  one.append(...children)
  return one
}

function text(x, y, content, name) {
  const one = svg("text", { x, y, class: name })
  one.textContent = content
  return one
}

function svg(kind, attributes) {
  const one = document.createElementNS(SVG, kind)
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value)
  return one
}
