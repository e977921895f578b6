// The share of probes with a true match among the first k results, and the probes that the network does not find first.
import { byId, element } from "./element.js"
import { firstTrueRank, matchCurve } from "./ranking.js"
import { MISSED, MISSED_NONE, NOTHING_TO_COUNT, accuracyText, leftOut, missedLabel } from "./texts.js"

const [MOST, SHOWN, WIDTH, HEIGHT, LEFT, BOTTOM] = [20, 12, 460, 240, 44, 36]
const SVG = "http://www.w3.org/2000/svg"

export function showAccuracy(probes, rankings, urlOf, onChoose) {
  const counted = probes.map((probe, n) => ({ probe, rank: firstTrueRank(rankings[n]) })).filter(({ rank }) => rank)
  if (!counted.length) return byId("accuracy-panel").replaceChildren(NOTHING_TO_COUNT)
  const curve = matchCurve(counted.map(({ rank }) => rank), MOST)
  const missed = counted.filter(({ rank }) => rank > 1).slice(0, SHOWN)
  const without = probes.length - counted.length
  const buttons = missed.map(({ probe, rank }) => element("button", { type: "button", onclick: () => onChoose(probe) },
    element("img", { src: urlOf(probe.index), alt: "" }), element("small", { textContent: missedLabel(rank) })))
  byId("accuracy-panel").replaceChildren(element("div", { className: "columns even" },
    element("figure", {}, chart(curve)),
    element("div", {}, element("p", { className: "finding", textContent: accuracyText(curve[0], counted.length) }),
      ...(without ? [element("p", { textContent: leftOut(without) })] : []),
      element("p", { textContent: missed.length ? MISSED : MISSED_NONE }), element("div", { className: "missed" }, ...buttons))))
}

function chart(curve) {
  const low = Math.min(0.5, Math.floor(10 * curve[0]) / 10)
  const x = (k) => LEFT + ((k - 1) / (MOST - 1)) * (WIDTH - LEFT - 12)
  const y = (share) => 10 + ((1 - share) / (1 - low)) * (HEIGHT - BOTTOM - 10)
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "chart" })
  svg.setAttribute("aria-label", `Share of probes with a true match among the first k results: ${curve.map((share) => share.toFixed(2)).join(", ")}`)
  for (let step = Math.round(10 * low); step <= 10; step++) {
    svg.append(draw("line", { x1: LEFT, x2: WIDTH - 12, y1: y(step / 10), y2: y(step / 10), class: "rule" }))
    svg.append(draw("text", { x: LEFT - 6, y: y(step / 10) + 4, "text-anchor": "end" }, `${10 * step} %`))
  }
  for (const k of [1, 5, 10, 15, 20]) svg.append(draw("text", { x: x(k), y: HEIGHT - 18, "text-anchor": "middle" }, k))
  svg.append(draw("text", { x: (LEFT + WIDTH) / 2, y: HEIGHT - 2, "text-anchor": "middle" }, "first k results"))
  svg.append(draw("polyline", { points: curve.map((share, n) => `${x(n + 1)},${y(share)}`).join(" "), class: "curve" }))
  curve.forEach((share, n) => svg.append(draw("circle", { cx: x(n + 1), cy: y(share), r: n ? 2.5 : 6, class: "dot" })))
  return svg
}

function draw(tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.textContent = text
  return made
}
