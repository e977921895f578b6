// The matrices of both images, their descriptors, and the products whose sum is the score.
import { byId, element } from "./element.js"
import { PART_TOPS } from "./network.js"
import { drawNumbers, glow, largest, signing } from "./colours.js"
import { IMAGES } from "./contributions_panel.js"
import { SCORE_TITLES, number, partName } from "./texts.js"

const [DESCRIPTOR_COLUMNS, GAP] = [25, 2]

export function showScore(network, { attribution, insides }) {
  const figure = (title, ...children) => element("figure", {}, element("figcaption", { textContent: title }), ...children)
  const arrow = () => element("b", { className: "arrow", textContent: "→", "aria-hidden": "true" })
  const rows = Object.entries(IMAGES).flatMap(([image, name]) => [
    figure(SCORE_TITLES.matrices(network.regions, name), mosaics(network, insides[image].matrices)),
    arrow(),
    figure(SCORE_TITLES.descriptor(network.length, name), grid(insides[image].descriptor)),
  ])
  const products = insides.probe.descriptor.map((value, d) => value * insides.match.descriptor[d])
  const result = element("div", { className: "result-of" }, arrow(), figure(SCORE_TITLES.products(network.length), grid(products)),
    element("p", { className: "big" }, element("small", { textContent: SCORE_TITLES.sum }), number(attribution.score)))
  byId("score-panel").replaceChildren(
    element("div", { className: "score-flow" }, element("div", { className: "describe" }, ...rows), result))
}

// the matrices of each part on a canvas, placed like their regions
function mosaics({ side, filters }, matrices) {
  const size = side * (filters + GAP) - GAP
  return element("div", { className: "mosaics" }, ...PART_TOPS.map((_, part) => {
    const canvas = element("canvas", { width: size, height: size, title: partName(part) })
    const context = canvas.getContext("2d")
    matrices.slice(part * side ** 2, (part + 1) * side ** 2).forEach((matrix, region) => {
      const [image, top] = [new ImageData(filters, filters), largest(matrix)]
      matrix.forEach((value, n) => image.data.set([...glow(value, top), 255], 4 * n))
      context.putImageData(image, (region % side) * (filters + GAP), Math.floor(region / side) * (filters + GAP))
    })
    return canvas
  }))
}

function grid(values) {
  const canvas = element("canvas", { className: "numbers" })
  drawNumbers(canvas, values, DESCRIPTOR_COLUMNS, signing(largest(values) * 0.6))
  return canvas
}
