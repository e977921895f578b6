// The two images, cut into parts and regions, with the contribution of each region, and the sum.
import { byId, element, moveByArrows } from "./element.js"
import { PART, PART_TOPS } from "./network.js"
import { drawPixels } from "./pixels.js"
import { largest, signedColour } from "./colours.js"
import { SCORE, SHARED, contribution, partName, regionName, signed } from "./texts.js"

export const IMAGES = { probe: "probe", match: "result" } // keys of an attribution -> names

export function startContributions(side, onChoose) {
  for (const image of Object.keys(IMAGES)) {
    const place = byId(`parts-${image}`)
    place.replaceChildren(...PART_TOPS.map((_, part) => {
      const grid = element("div", { className: "regions" })
      grid.style.setProperty("--side", side)
      for (let n = 0; n < side ** 2; n++) {
        const region = part * side ** 2 + n
        grid.append(element("button", { type: "button", tabIndex: region ? -1 : 0, onclick: () => onChoose(image, region) },
          element("span")))
      }
      return element("div", { className: "part" }, element("canvas"), grid, element("small", { textContent: partName(part) }))
    }))
    moveByArrows(place, () => side)
  }
  const section = byId("contributions")
  for (const [box, name] of [[byId("show-colours"), "colours"], [byId("show-numbers"), "numbers"]]) {
    box.onchange = () => section.classList.toggle(`with-${name}`, box.checked)
    box.onchange()
  }
}

export function showContributions({ attribution, insides, side }) {
  const top = largest([...attribution.probe.regions, ...attribution.match.regions])
  for (const image of Object.keys(IMAGES)) {
    const place = byId(`parts-${image}`)
    place.querySelectorAll("canvas").forEach((canvas, part) => drawPixels(canvas, insides[image].pixels, PART_TOPS[part], PART))
    place.querySelectorAll("button").forEach((button, region) => {
      const value = attribution[image].regions[region]
      const { colour, opacity } = signedColour(value, top)
      button.style.setProperty("--heat", `rgb(${colour.join(" ")} / ${0.72 * opacity})`)
      button.setAttribute("aria-label", `${regionName(region, side)}: ${signed(value)}`)
      button.title = `${regionName(region, side)}: ${signed(value)}`
      button.firstChild.textContent = signed(value, 2)
    })
  }
  showSum(attribution, side)
}

export function markRegion({ attribution, chosen, side }) {
  for (const image of Object.keys(IMAGES)) {
    byId(`parts-${image}`).querySelectorAll("button").forEach((button, region) => {
      button.setAttribute("aria-pressed", image === chosen.image && region === chosen.region)
    })
  }
  const value = attribution[chosen.image].regions[chosen.region]
  byId("region-text").textContent = contribution(regionName(chosen.region, side), IMAGES[chosen.image], value)
}

// a row for each part, one for what all images share, and the score
function showSum(attribution, side) {
  const sums = Object.fromEntries(Object.keys(IMAGES).map((image) => {
    const { regions, shared } = attribution[image]
    const parts = PART_TOPS.map((_, part) => {
      return regions.slice(part * side ** 2, (part + 1) * side ** 2).reduce((sum, value) => sum + value, 0)
    })
    return [image, [...parts, shared]]
  }))
  const top = largest([...sums.probe, ...sums.match])
  const cell = (value) => {
    const { colour } = signedColour(value, top)
    const bar = element("i")
    bar.style.cssText = `width: ${(50 * Math.abs(value)) / top}%; background: rgb(${colour.join(" ")}); ${value < 0 ? "right" : "left"}: 50%`
    return element("td", {}, element("span", { className: "bar" }, bar), signed(value))
  }
  const names = [...PART_TOPS.map((_, part) => partName(part)), SHARED]
  const rows = names.map((name, n) => {
    return element("tr", {}, element("th", { scope: "row", textContent: name }), cell(sums.probe[n]), cell(sums.match[n]))
  })
  const head = ["", "regions of the probe", "regions of the result"].map((text) => element("th", { scope: "col", textContent: text }))
  const total = element("tr", { className: "total" }, element("th", { scope: "row", textContent: SCORE }),
    element("td", { textContent: signed(attribution.score) }), element("td", { textContent: signed(attribution.score) }))
  byId("sum").replaceChildren(element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows, total)))
}
