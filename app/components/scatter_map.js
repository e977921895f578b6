// Points on a map, in 2 or 3 dimensions, on a canvas. Hovering shows the crop, a click selects a point (trigger "picked",
// its number), a lasso selects many (trigger "chosen", their numbers). Maps of one group highlight the same point.
const DOT = 3.2 // radius on the screen, in CSS pixels
const REACH = 9 // largest distance of the pointer from a point
const CLICK = 4 // a longer movement is a drag
const SECONDS = 0.7 // in which points move to new positions
const maps = new WeakMap()
const LETTERS = { "font-size": 13, "font-family": "Source Sans, sans-serif" }
const CHARACTER = 6.8 // width of a letter of the legend
const SVG = "http://www.w3.org/2000/svg"
const MARGIN = 16 // below a map that fills the window, in pixels
const LOWEST = 320 // height of a map that fills the window; in a lower rest of the window it takes a share of the window
const SHARE = 0.7
const drawn = (globalThis.personMaps ??= new Map()) // the maps of the page by their keys, for figure_export.js
const sprites = (globalThis.personSprites ??= new Map()) // images of all points, from sprites.js

export default function ({ data, parentElement, setTriggerValue }) {
  const stage = parentElement.querySelector(".map")
  if (!maps.has(stage)) maps.set(stage, new PointMap(stage))
  maps.get(stage).show(data, setTriggerValue)
  return () => {
    maps.get(stage)?.remove()
    maps.delete(stage)
  }
}

class PointMap {
  constructor(stage) {
    this.stage = stage
    this.canvas = stage.querySelector("canvas")
    this.tip = stage.querySelector(".tip")
    this.view = home()
    this.mode = "move"
    this.over = -1
    this.lasso = null
    this.removal = new AbortController()
    this.listen()
    this.observer = new ResizeObserver(() => {
      this.fit()
      this.draw()
    })
    this.observer.observe(stage)
    const page = document.querySelector('[data-testid="stMainBlockContainer"]')
    if (page) this.observer.observe(page) // its height changes with what is above the map
  }

  remove() {
    this.removal.abort()
    this.observer.disconnect()
    this.journey = null
    if (drawn.get(this.data?.key) === this) drawn.delete(this.data.key)
  }

  show(data, trigger) {
    const coordinates = floats(data.coordinates)
    drawn.set(data.key, this)
    const same = this.data && this.data.count === data.count && this.data.dimensions === data.dimensions
    const moved = same && this.target.some((value, place) => value !== coordinates[place])
    this.trigger = trigger
    if (!same) this.view = home()
    if (moved && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.travel(this.now(), coordinates)
    else if (!same || moved) this.journey = null
    this.target = coordinates
    this.data = { ...data, colours: bytes(data.colours), shown: bytes(data.shown) }
    this.fit()
    this.stage.querySelector(".name").textContent = data.name
    this.canvas.setAttribute("aria-label", data.label)
    this.showLegend(data.legend)
    this.showTools()
    this.draw()
  }

  // the height that the server gives, or that of the rest of the window
  fit() {
    if (!this.data) return
    const scrolled = document.querySelector('[data-testid="stMain"]')?.scrollTop ?? 0
    const top = this.stage.getBoundingClientRect().top + scrolled
    this.stage.style.height = `${this.data.height ?? heightIn(globalThis.innerHeight, top)}px`
  }

  // positions of the points ------------------------------------------------------------------------------------------
  travel(from, to) {
    this.journey = { from, to, start: performance.now() }
    const step = () => {
      if (!this.journey) return
      if (performance.now() - this.journey.start > SECONDS * 1000) this.journey = null
      this.draw()
      if (this.journey) requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  }

  now() {
    if (!this.journey) return this.target
    const { from, to, start } = this.journey
    return between(from, to, Math.min(1, (performance.now() - start) / (SECONDS * 1000)))
  }

  // pixels of a unit of the map at scale 1
  unit() {
    return unitOf(this.stage.getBoundingClientRect(), this.data.dimensions, this.data.extent)
  }

  place(coordinates) {
    return project(coordinates, this.data.dimensions, this.stage.getBoundingClientRect(), this.view, this.unit())
  }

  // drawing ----------------------------------------------------------------------------------------------------------
  draw() {
    if (!this.data) return
    const { width, height } = this.stage.getBoundingClientRect()
    const ratio = globalThis.devicePixelRatio || 1
    if (!width) return
    this.canvas.width = width * ratio
    this.canvas.height = height * ratio
    const pen = this.canvas.getContext("2d")
    const style = getComputedStyle(this.stage)
    const text = style.getPropertyValue("--st-text-color") || "#222"
    const paper = style.getPropertyValue("--st-background-color") || "#fff"
    this.placed = this.place(this.now())
    const { x, y } = this.placed
    const { picked, neighbours, count } = this.data
    const radius = radiusOf(this.view.scale, count)
    this.drawPoints(pen, radius, ratio, rgb(pen, text), rgb(pen, paper))
    pen.scale(ratio, ratio)
    if (picked >= 0) {
      pen.strokeStyle = text
      pen.lineWidth = 1
      neighbours.forEach((i, rank) => {
        pen.globalAlpha = 0.65
        pen.beginPath()
        pen.moveTo(x[picked], y[picked])
        pen.lineTo(x[i], y[i])
        pen.stroke()
        pen.globalAlpha = 1
        ring(pen, x[i], y[i], radius + 2, text, 1.4)
        if (rank < 3) label(pen, String(rank + 1), x[i] + radius + 5, y[i] - radius - 3, text, paper)
      })
      ring(pen, x[picked], y[picked], radius + 5, text, 2.6)
    }
    this.drawUploads(pen, text, paper)
    if (this.over >= 0) ring(pen, x[this.over], y[this.over], radius + 4, text, 2)
    if (this.lasso) this.drawLasso(pen, text)
  }

  // Draws pixel by pixel: thousands of points take a few milliseconds, with or without a graphics card.
  drawPoints(pen, radius, ratio, text, paper) {
    const { colours, shown, palette, marked, dimensions } = this.data
    const { x, y, depth } = this.placed
    const [width, height] = [this.canvas.width, this.canvas.height]
    const image = pen.createImageData(width, height)
    const pixels = image.data
    new Uint32Array(pixels.buffer).fill((255 << 24) | (paper[2] << 16) | (paper[1] << 8) | paper[0])
    const inks = palette.map((colour) => rgb(pen, colour))
    const [dots, small] = [disc(radius * ratio), disc(radius * ratio * 0.6)]
    const chosen = marked.length ? new Set(marked) : null
    for (const i of order(shown, colours, depth, dimensions)) {
      const ink = shown[i] ? inks[colours[i]] : text
      const strength = strengthOf(i, shown, colours, chosen, dimensions === 3 ? depth[i] : 1)
      const [left, top] = [Math.round(x[i] * ratio), Math.round(y[i] * ratio)]
      const dot = shown[i] ? dots : small
      for (let k = 0; k < dot.length; k += 4) {
        const [column, row] = [left + dot[k], top + dot[k + 1]]
        if (column < 0 || row < 0 || column >= width || row >= height) continue
        const place = 4 * (row * width + column)
        const [share, rim] = [dot[k + 2] * strength, dot[k + 3]]
        for (let c = 0; c < 3; c++) {
          pixels[place + c] += (ink[c] + rim * (text[c] - ink[c]) - pixels[place + c]) * share
        }
      }
    }
    pen.putImageData(image, 0, 0)
  }

  drawUploads(pen, text, paper) {
    if (!this.data.uploads.length) return
    const { x, y } = this.place(Float32Array.from(this.data.uploads.flatMap((upload) => upload.place)))
    this.data.uploads.forEach((upload, i) => {
      star(pen, x[i], y[i], 11, text, paper)
      label(pen, upload.name, x[i] + 14, y[i] + 4, text, paper)
    })
  }

  // the map as it is shown, as a figure of SVG elements
  figure() {
    const { width, height } = this.stage.getBoundingClientRect()
    const { colours, shown, palette, marked, dimensions, picked, neighbours, uploads, name, legend, count } = this.data
    const { x, y, depth } = this.place(this.target)
    const style = getComputedStyle(this.stage)
    const ink = style.getPropertyValue("--st-text-color") || "#222"
    const background = style.getPropertyValue("--st-background-color") || "#fff"
    const radius = radiusOf(this.view.scale, count)
    const chosen = marked.length ? new Set(marked) : null
    const root = svg("svg", { width, height })
    const add = (kind, attributes, text = "") => root.append(svg(kind, attributes, text))
    const ring = (i, r, strength) => add("circle", { cx: x[i], cy: y[i], r, fill: "none", stroke: ink, "stroke-width": strength })
    for (const i of order(shown, colours, depth, dimensions)) {
      const fill = shown[i] ? palette[colours[i]] : ink
      const opacity = strengthOf(i, shown, colours, chosen, dimensions === 3 ? depth[i] : 1)
      add("circle", { cx: x[i], cy: y[i], r: shown[i] ? radius : 0.6 * radius, fill, "fill-opacity": opacity })
    }
    if (picked >= 0) {
      for (const i of neighbours) {
        add("line", { x1: x[picked], y1: y[picked], x2: x[i], y2: y[i], stroke: ink, "stroke-opacity": 0.65 })
        ring(i, radius + 2, 1.4)
      }
      ring(picked, radius + 5, 2.6)
    }
    const stars = this.place(Float32Array.from(uploads.flatMap((upload) => upload.place)))
    uploads.forEach((upload, i) => {
      add("path", { d: starPath(stars.x[i], stars.y[i], 11), fill: ink, stroke: background, "stroke-width": 2 })
      add("text", { ...LETTERS, x: stars.x[i] + 14, y: stars.y[i] + 4, fill: ink }, upload.name)
    })
    add("text", { ...LETTERS, x: 13, y: 22, fill: ink, "font-weight": 650 }, name)
    for (const { entry, left, top } of legendPlaces(legend, width, height)) {
      add("circle", { cx: left + 5, cy: top - 4, r: 5, fill: entry[1] })
      add("text", { ...LETTERS, x: left + 15, y: top, fill: ink }, entry[0])
    }
    return { width, height, background, ink, parts: [root] }
  }

  drawLasso(pen, text) {
    pen.strokeStyle = text
    pen.setLineDash([5, 4])
    pen.lineWidth = 1.5
    pen.beginPath()
    this.lasso.forEach(([a, b], i) => (i ? pen.lineTo(a, b) : pen.moveTo(a, b)))
    pen.closePath()
    pen.stroke()
    pen.globalAlpha = 0.08
    pen.fillStyle = text
    pen.fill()
    pen.globalAlpha = 1
    pen.setLineDash([])
  }

  showLegend(legend) {
    this.stage.querySelector(".legend").replaceChildren(
      ...legend.map(([name, colour]) => {
        const entry = document.createElement("span")
        const swatch = document.createElement("i")
        swatch.style.background = colour
        entry.append(swatch, name)
        return entry
      }),
    )
  }

  showTools() {
    for (const button of this.stage.querySelectorAll(".tools button")) {
      button.setAttribute("aria-pressed", button.dataset.mode === this.mode)
      if (button.dataset.mode === "move") button.textContent = this.data.move
      button.onclick = () => {
        if (button.dataset.mode) this.mode = button.dataset.mode
        else this.view = home()
        this.canvas.classList.toggle("lasso", this.mode === "lasso")
        this.showTools()
        this.draw()
      }
    }
  }

  // events of the pointer --------------------------------------------------------------------------------------------
  listen() {
    const canvas = this.canvas
    let start = null
    const at = (event) => {
      const area = canvas.getBoundingClientRect()
      return [event.clientX - area.left, event.clientY - area.top]
    }
    canvas.onpointerdown = (event) => {
      start = { point: at(event), view: { ...this.view }, dragged: false, shift: event.shiftKey }
      canvas.setPointerCapture(event.pointerId)
      if (this.mode === "lasso") this.lasso = [start.point]
    }
    canvas.onpointermove = (event) => {
      const point = at(event)
      if (!start) return this.hover(this.at(point), point)
      const [dx, dy] = [point[0] - start.point[0], point[1] - start.point[1]]
      start.dragged ||= Math.hypot(dx, dy) > CLICK
      if (!start.dragged) return
      this.hover(-1)
      if (this.lasso) this.lasso.push(point)
      else Object.assign(this.view, dragged(start, dx, dy, this.data.dimensions, this.view.scale * this.unit()))
      this.draw()
    }
    canvas.onpointerup = (event) => {
      const moved = start?.dragged
      const lasso = this.lasso
      start = this.lasso = null
      if (moved && lasso) this.trigger("chosen", inside(this.placed, this.data.shown, lasso))
      else if (moved === false) {
        const hit = this.at(at(event))
        if (hit >= 0) {
          this.hover(hit, at(event)) // a touch has no hover before
          Object.assign(this.data, { picked: hit, neighbours: [] }) // at once; the server sends the neighbours
          this.trigger("picked", hit)
        }
      }
      this.draw()
    }
    globalThis.addEventListener("resize", () => this.fit(), { signal: this.removal.signal })
    canvas.onpointercancel = () => {
      start = this.lasso = null
      this.draw()
    }
    canvas.onpointerleave = () => this.hover(-1)
    canvas.addEventListener("wheel", (event) => {
      if (document.activeElement !== canvas && canvas.getRootNode().activeElement !== canvas && !event.ctrlKey) return
      event.preventDefault()
      this.zoom(Math.exp(-event.deltaY / 400), at(event))
    }, { passive: false, signal: this.removal.signal }) // the page scrolls unless the map has the focus
    canvas.ondblclick = (event) => this.zoom(1.8, at(event))
    canvas.onkeydown = (event) => this.key(event)
    globalThis.addEventListener("person-map-hover", (event) => {
      const { from, group, number } = event.detail
      if (!this.data || from === this || group !== this.data.group) return
      this.over = number
      this.draw()
    }, { signal: this.removal.signal })
  }

  zoom(factor, point) {
    this.view = zoomed(this.view, factor, point, this.stage.getBoundingClientRect(), this.unit())
    this.draw()
  }

  key(event) {
    const { width, height } = this.stage.getBoundingClientRect()
    const far = 0.15 / this.view.scale
    const moves = { ArrowLeft: ["x", -far], ArrowRight: ["x", far], ArrowUp: ["y", far], ArrowDown: ["y", -far] }
    if (moves[event.key]) this.view[moves[event.key][0]] += moves[event.key][1]
    else if ("+=".includes(event.key)) this.zoom(1.3, [width / 2, height / 2])
    else if (event.key === "-") this.zoom(1 / 1.3, [width / 2, height / 2])
    else return
    event.preventDefault()
    this.draw()
  }

  at(point) {
    return this.placed ? nearest(this.placed, this.data.shown, point) : -1
  }

  hover(number, point) {
    this.canvas.classList.toggle("over", number >= 0)
    if (number >= 0) this.showTip(number, point)
    else this.tip.style.display = "none"
    if (number === this.over) return
    this.over = number
    const detail = { from: this, group: this.data?.group, number }
    globalThis.dispatchEvent(new CustomEvent("person-map-hover", { detail }))
    this.draw()
  }

  showTip(number, [px, py]) {
    const sprite = sprites.get(this.data.sprite)
    const crop = this.tip.querySelector(".crop")
    crop.style.display = sprite ? "block" : "none"
    if (sprite) {
      const [column, row] = [number % sprite.columns, Math.floor(number / sprite.columns)]
      const size = 120 / sprite.height
      Object.assign(crop.style, {
        width: `${sprite.width * size}px`,
        height: `${sprite.height * size}px`,
        backgroundImage: `url(${sprite.url})`,
        backgroundSize: `${sprite.columns * sprite.width * size}px ${sprite.rows * sprite.height * size}px`,
        backgroundPosition: `${-column * sprite.width * size}px ${-row * sprite.height * size}px`,
      })
    }
    this.tip.querySelector(".text").textContent = this.data.labels[number]
    this.tip.style.display = "flex"
    const { width, height } = this.stage.getBoundingClientRect()
    const [wide, high] = [this.tip.offsetWidth, this.tip.offsetHeight]
    this.tip.style.left = `${px + 16 + wide > width ? Math.max(4, px - 16 - wide) : px + 16}px`
    this.tip.style.top = `${Math.max(4, Math.min(height - high - 4, py - high / 2))}px`
  }
}

// the height of a map in a window, from the top of the map down to the end of the window
export function heightIn(window, top) {
  const rest = window - top - MARGIN
  return Math.round(rest >= LOWEST ? rest : Math.max(LOWEST, SHARE * window))
}

function radiusOf(scale, count) {
  return DOT * Math.min(1.9, Math.max(0.75, Math.sqrt(scale))) * (count > 6000 ? 0.7 : 1)
}

// how opaque a point is; depth is 1 in front
function strengthOf(i, shown, colours, chosen, depth) {
  return shown[i] ? (0.65 + 0.35 * depth) * (chosen && !chosen.has(i) ? 0.15 : colours[i] ? 0.95 : 0.6) : 0.1
}

// where the entries of a legend begin: in lines, the last one at the bottom
export function legendPlaces(legend, width, height) {
  const places = []
  let [left, line] = [MARGIN, 0]
  for (const entry of legend) {
    const wide = 28 + CHARACTER * entry[0].length
    if (left > MARGIN && left + wide > width) [left, line] = [MARGIN, line + 1]
    places.push({ entry, left, line })
    left += wide
  }
  return places.map(({ entry, left, line: own }) => ({ entry, left, top: height - 14 - 18 * (line - own) }))
}

function svg(kind, attributes, text = "") {
  const made = document.createElementNS(SVG, kind)
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, typeof value === "number" ? Math.round(100 * value) / 100 : value)
  }
  made.textContent = text
  return made
}

export function home() {
  return { x: 0, y: 0, scale: 1, yaw: 0.6, pitch: 0.35 }
}

// pixels of a unit of the map at scale 1, so that the map fills the stage between name and legend
export function unitOf({ width, height }, dimensions, extent) {
  const [wide, high] = dimensions === 3 ? [1.2, 1.2] : extent
  return Math.min((width - 60) / (2 * wide), (height - 110) / (2 * high))
}

// (count * dimensions) coordinates in -1..1 -> x, y on a stage and depth -1..1
export function project(coordinates, dimensions, { width, height }, { x, y, scale, yaw, pitch }, unit) {
  const count = coordinates.length / dimensions
  const placed = { x: new Float32Array(count), y: new Float32Array(count), depth: new Float32Array(count) }
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)]
  for (let i = 0; i < count; i++) {
    let [a, b, depth] = [coordinates[i * dimensions], coordinates[i * dimensions + 1], 0]
    if (dimensions === 3) {
      const c = coordinates[i * 3 + 2]
      const [turned, away] = [cy * a + sy * c, cy * c - sy * a]
      ;[a, b, depth] = [turned, cp * b - sp * away, sp * b + cp * away]
    }
    placed.x[i] = width / 2 + (a - x) * scale * unit
    placed.y[i] = height / 2 - (b - y) * scale * unit
    placed.depth[i] = depth
  }
  return placed
}

// coordinates during the movement, after a share 0..1 of the time
export function between(from, to, share) {
  const eased = share * share * (3 - 2 * share)
  return to.map((value, place) => from[place] + eased * (value - from[place]))
}

// the change of the view by a drag of dx, dy pixels, where a unit of the map takes `unit` pixels: in 3 dimensions a drag
// rotates, and moves with the shift key
export function dragged({ view, shift }, dx, dy, dimensions, unit) {
  if (dimensions === 3 && !shift) return { yaw: view.yaw + dx / 150, pitch: view.pitch + dy / 150 }
  return { x: view.x - dx / unit, y: view.y + dy / unit }
}

// a view enlarged by a factor; the point under the pointer stays there
export function zoomed(view, factor, [px, py], { width, height }, unit) {
  const scale = Math.min(60, Math.max(0.5, view.scale * factor))
  const shift = 1 / (view.scale * unit) - 1 / (scale * unit)
  return { ...view, scale, x: view.x + (px - width / 2) * shift, y: view.y - (py - height / 2) * shift }
}

// the number of the point under the pointer, -1 if there is none; hidden points are ignored
export function nearest(placed, shown, [px, py]) {
  let [best, least] = [-1, REACH * REACH]
  for (let i = 0; i < shown.length; i++) {
    if (!shown[i]) continue
    const distance = (placed.x[i] - px) ** 2 + (placed.y[i] - py) ** 2
    if (distance < least) [best, least] = [i, distance]
  }
  return best
}

// numbers of the points in a polygon
export function inside(placed, shown, polygon) {
  const found = []
  for (let i = 0; i < shown.length; i++) {
    if (shown[i] && contains(polygon, placed.x[i], placed.y[i])) found.push(i)
  }
  return found
}

// numbers of points from back to front: by depth, or hidden points and those without a colour first
export function order(shown, colours, depth, dimensions) {
  const layers = Array.from({ length: dimensions === 3 ? 64 : 3 }, () => [])
  for (let i = 0; i < shown.length; i++) {
    const deep = Math.min(63, Math.max(0, Math.floor((depth[i] + 1.8) * 17.7)))
    layers[!shown[i] ? 0 : dimensions === 3 ? deep : colours[i] ? 2 : 1].push(i)
  }
  return layers.flat()
}

// the pixels of a round point: position, covered share, and weight of the darker rim
export function disc(radius) {
  const found = []
  const reach = Math.ceil(radius + 0.5)
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const distance = Math.hypot(dx, dy)
      const cover = Math.min(1, Math.max(0, radius + 0.5 - distance))
      if (cover > 0) found.push(dx, dy, cover, distance > radius - 0.9 ? 0.3 : 0)
    }
  }
  return Float32Array.from(found)
}

// any CSS colour -> red, green, blue of 0..255
export function rgb(pen, colour) {
  pen.fillStyle = "#000"
  pen.fillStyle = colour.trim()
  const known = pen.fillStyle // "#rrggbb", or "rgba(r, g, b, a)"
  if (known.startsWith("#")) return [1, 3, 5].map((place) => parseInt(known.slice(place, place + 2), 16))
  return known.match(/[\d.]+/g).slice(0, 3).map(Number)
}

function ring(pen, x, y, radius, colour, width) {
  pen.beginPath()
  pen.arc(x, y, radius, 0, 2 * Math.PI)
  pen.strokeStyle = colour
  pen.lineWidth = width
  pen.stroke()
}

function star(pen, x, y, radius, colour, edge) {
  pen.beginPath()
  starCorners(x, y, radius).forEach(([a, b]) => pen.lineTo(a, b))
  pen.closePath()
  pen.fillStyle = colour
  pen.strokeStyle = edge
  pen.lineWidth = 2
  pen.stroke()
  pen.fill()
}

function starPath(x, y, radius) {
  return `M${starCorners(x, y, radius).map((corner) => corner.map((value) => value.toFixed(1))).join("L")}Z`
}

function starCorners(x, y, radius) {
  return Array.from({ length: 10 }, (_, i) => {
    const [far, angle] = [i % 2 ? radius * 0.45 : radius, (i * Math.PI) / 5 - Math.PI / 2]
    return [x + far * Math.cos(angle), y + far * Math.sin(angle)]
  })
}

function label(pen, text, x, y, colour, edge) {
  pen.font = "600 12px sans-serif"
  pen.lineWidth = 3
  pen.strokeStyle = edge
  pen.fillStyle = colour
  pen.strokeText(text, x, y)
  pen.fillText(text, x, y)
}

export function contains(polygon, x, y) {
  let inside = false
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [[ax, ay], [bx, by]] = [polygon[i], polygon[j]]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}

export function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}

export function floats(text) {
  return new Float32Array(bytes(text).buffer)
}
