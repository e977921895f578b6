// A drawing of images, heat maps, frames, grids of cells and links. A click sends the cell or link to Python (trigger
// "picked": [id of the grid, number of the cell], or ["link", its id]).
const SVG = "http://www.w3.org/2000/svg"

export default function ({ data, parentElement, setTriggerValue }) {
  const scene = parentElement.querySelector(".scene")
  const focused = scene.getRootNode().activeElement?.dataset?.id
  const drawing = element("svg", {
    viewBox: `0 0 ${data.width} ${data.height}`, role: "group", "aria-label": data.label,
  })
  drawing.style.maxWidth = `${data.width}px`
  const pick = (grid, id) => setTriggerValue("picked", [grid, id])
  for (const item of data.items) drawing.append(DRAW[item.kind](item, pick))
  scene.replaceChildren(drawing)
  if (focused) drawing.querySelector(`[data-id="${focused}"]`)?.focus({ preventScroll: true })
}

const DRAW = {
  image: ({ box, src, pixelated, grey }) => {
    const name = [pixelated ? "pixelated" : "", grey ? "grey" : ""].join(" ")
    return element("image", { ...corners(box), href: src, preserveAspectRatio: "none", class: name })
  },
  frame: ({ box, tone, width }) => element("rect", { ...corners(box), class: `frame ${tone}`, "stroke-width": width }),
  text: ({ x, y, text, size, anchor, tone }) => {
    const made = element("text", { x, y, class: tone, "font-size": size, "text-anchor": anchor })
    made.textContent = text
    return made
  },
  line: ({ from, to, tone, width }) =>
    element("line", {
      x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: `line ${tone}`, "stroke-width": width,
    }),
  link: ({ from, to, id, tone, width, title, chosen }, pick) => {
    const path = curve(from, to)
    const made = element("g", { class: `link ${tone} ${chosen ? "chosen" : ""}` })
    made.append(element("path", { d: path, "stroke-width": width, class: "seen" }))
    made.append(element("path", { d: path, "stroke-width": Math.max(12, width), class: "touched" }))
    return pickable(made, `link-${id}`, title, () => pick("link", id))
  },
  grid: ({ box, id, rows, columns, titles, chosen, keys, lines }, pick) => {
    const made = element("g", { class: `grid ${lines ? "lines" : ""}` })
    const cell = (n) => corners(cellOf(box, rows, columns, n))
    titles.forEach((title, n) => {
      const one = element("rect", { ...cell(n), class: "cell" })
      made.append(id ? pickable(one, `${id}-${n}`, title, () => pick(id, n), keys) : named(one, title))
    })
    if (chosen !== null) made.append(element("rect", { ...cell(chosen), class: "chosen" }))
    return made
  },
}

function pickable(made, id, title, onPick, keys = true) {
  made.dataset.id = id
  made.setAttribute("role", "button")
  made.setAttribute("aria-label", title)
  made.classList.add("pickable")
  if (keys) made.setAttribute("tabindex", "0")
  made.onclick = onPick
  made.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return
    event.preventDefault()
    onPick()
  }
  return named(made, title)
}

function named(made, title) {
  const hint = element("title", {})
  hint.textContent = title
  made.append(hint)
  return made
}

// the box of a grid's cell, row by row
export function cellOf([left, top, width, height], rows, columns, n) {
  const [row, column] = [Math.floor(n / columns), n % columns]
  return [left + (column * width) / columns, top + (row * height) / rows, width / columns, height / rows]
}

// an SVG path that starts and ends horizontally
export function curve(from, to) {
  const bend = (to[0] - from[0]) / 2
  return `M ${from} C ${from[0] + bend} ${from[1]} ${to[0] - bend} ${to[1]} ${to}`
}

function corners([x, y, width, height]) {
  return { x, y, width, height }
}

function element(kind, attributes) {
  const made = document.createElementNS(SVG, kind)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}
