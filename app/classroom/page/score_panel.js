// The matrices of both images, their descriptors, and the products whose sum is the score.
import { byId, element } from "./element.js"
import { PART_TOPS } from "./network.js"
import { drawNumbers, glow, largest, signing } from "./colours.js"
import { IMAGES } from "./contributions_panel.js"
import { number } from "./texts.js"

const DESCRIPTOR_COLUMNS = 25

export function showScore(network, { attribution, insides }) {
  const figure = (title, ...children) => element("figure", {}, ...children, element("figcaption", { textContent: title }))
  const rows = Object.entries(IMAGES).map(([image, name]) => [
    figure(`27 matrices of the ${name}`.replace("27", network.regions), mosaic(network, insides[image].matrices)),
    element("b", { className: "arrow", textContent: "→" }),
    figure(`descriptor of the ${name}: ${network.length} numbers`, grid(insides[image].descriptor)),
  ])
  const products = insides.probe.descriptor.map((value, d) => value * insides.match.descriptor[d])
  const result = element("div", { className: "result-of" }, element("b", { className: "arrow", textContent: "→" }),
    figure(`${network.length} products`, grid(products)),
    element("p", { className: "big" }, element("small", { textContent: "their sum is the score" }), number(attribution.score)))
  byId("score-panel").replaceChildren(
    element("div", { className: "score-flow" }, element("div", { className: "describe" }, ...rows.flat()), result))
}

// all matrices, placed like their regions in the image
function mosaic({ side, filters }, matrices) {
  const [columns, gap] = [side, 2]
  const [width, height] = [columns * (filters + gap) - gap, PART_TOPS.length * side * (filters + gap) - gap]
  const canvas = element("canvas", { width, height, className: "mosaic" })
  const context = canvas.getContext("2d")
  matrices.forEach((matrix, region) => {
    const image = new ImageData(filters, filters)
    const top = largest(matrix)
    matrix.forEach((value, n) => image.data.set([...glow(value, top), 255], 4 * n))
    context.putImageData(image, (region % columns) * (filters + gap), Math.floor(region / columns) * (filters + gap))
  })
  return canvas
}

function grid(values) {
  const canvas = element("canvas", { className: "numbers" })
  drawNumbers(canvas, values, DESCRIPTOR_COLUMNS, signing(largest(values) * 0.6))
  return canvas
}
