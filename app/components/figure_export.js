// Buttons that download a figure of the page as an SVG or PNG file with its caption. The figure is a plotly chart in the
// element with the class `st-key-{data.chart}`, or the map with the key `data.map` (scatter_map.js).
const SVG = "http://www.w3.org/2000/svg"
const SCALE = 3 // pixels of a PNG file for each pixel of the screen
const MARGIN = 24 // at the sides, for texts in a wider font than that of the page
const GAP = 12 // above and below the caption
const LINE = 18 // height of a line of the caption
const CHARACTER = 6.6 // width of a character of the caption
const FOR_THE_MOUSE = ["draglayer", "hoverlayer"]

export default function ({ data, parentElement }) {
  for (const button of parentElement.querySelectorAll("button")) {
    const { format } = button.dataset
    button.setAttribute("aria-label", `${button.textContent}: ${data.label}`)
    button.onclick = async () => {
      const figure = data.map ? globalThis.personMaps?.get(data.map)?.figure() : layersOf(data.chart)
      if (!figure) return
      const file = svgFile(drawing(figure, data.caption))
      save(format === "svg" ? file : await pngFile(file), `${data.name}.${format}`)
    }
  }
}

function layersOf(name) {
  const chart = document.querySelector(`.st-key-${name} .js-plotly-plot`)
  return chart && chartFigure(chart)
}

// the size, the colours and the SVG elements of a chart
export function chartFigure(chart) {
  const layers = [...chart.querySelectorAll(".main-svg")]
  const [width, height] = ["width", "height"].map((side) => Number(layers[0].getAttribute(side)))
  const parts = layers
    .flatMap((layer) => [...layer.children])
    .filter((child) => !FOR_THE_MOUSE.some((name) => child.classList.contains(name)))
    .map((child) => child.cloneNode(true))
  return { width, height, background: colourBehind(layers[0]), ink: getComputedStyle(chart).color || "#222", parts }
}

// one SVG element of a figure, with the caption below and as its description
export function drawing({ width, height, background, ink, parts }, caption) {
  const lines = wrap(caption, Math.floor(width / CHARACTER))
  const box = { x: -MARGIN, y: 0, width: width + 2 * MARGIN, height: height + LINE * lines.length + 2 * GAP }
  const viewBox = Object.values(box).join(" ")
  const root = element("svg", { xmlns: SVG, width: box.width, height: box.height, viewBox })
  const about = element("desc", {})
  about.textContent = caption
  root.append(about, element("rect", { ...box, fill: background }), ...parts)
  lines.forEach((line, n) => {
    const y = height + GAP + LINE * (n + 0.7)
    const text = element("text", { x: 0, y, fill: ink, "font-size": 13, "font-family": "Source Sans, sans-serif" })
    text.textContent = line
    root.append(text)
  })
  return root
}

// the lines of a text, of at most `length` characters each
export function wrap(text, length) {
  const lines = [""]
  for (const word of text.split(/\s+/)) {
    const last = lines[lines.length - 1]
    if (last && last.length + 1 + word.length > length) lines.push(word)
    else lines[lines.length - 1] = last ? `${last} ${word}` : word
  }
  return lines
}

// references within the page -> references within the file; and lines that grow with the drawing
export function local(source) {
  return source.replace(/url\((&quot;|['"]?)[^)#]*#/g, "url($1#").replace(/vector-effect: non-scaling-stroke;?/g, "")
}

function svgFile(drawn) {
  return new Blob([local(new XMLSerializer().serializeToString(drawn))], { type: "image/svg+xml" })
}

async function pngFile(svg) {
  const url = URL.createObjectURL(svg)
  const image = new Image()
  image.src = url
  await image.decode()
  const canvas = document.createElement("canvas")
  canvas.width = SCALE * image.width
  canvas.height = SCALE * image.height
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
  URL.revokeObjectURL(url)
  return new Promise((done) => canvas.toBlob(done, "image/png"))
}

function save(blob, name) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

// the colour of the nearest element behind that is not clear
function colourBehind(one) {
  for (let behind = one; behind; behind = behind.parentElement) {
    const colour = getComputedStyle(behind).backgroundColor
    if (colour && colour !== "transparent" && !colour.endsWith(", 0)")) return colour
  }
  return "white"
}

function element(kind, attributes) {
  const made = document.createElementNS(SVG, kind)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}
