// The panels with images of people: one person before several cameras, the demo probes, and the ranking.
import { byId, columnsOf, element, moveByArrows } from "./element.js"
import { UPLOAD, camera, gallerySize, number, onePerson, resultLabel, timing, verdict } from "./texts.js"

const [RESULTS, CAMERAS_SHOWN] = [20, 6]

// the person whom most cameras have seen; without cameras, the one with most images
export function showIntroduction({ gallery }, urlOf) {
  const { cameras } = gallery
  const people = new Map() // identity -> camera, or number of an image without a camera -> index of an image
  gallery.identities.forEach((identity, index) => {
    if (!people.has(identity)) people.set(identity, new Map())
    people.get(identity).set(cameras[index] || `image ${index}`, index)
  })
  people.delete(gallery.distractor)
  people.delete("")
  const [most = new Map()] = [...people.values()].sort((first, second) => second.size - first.size)
  const shown = [...most.values()].sort((first, second) => cameras[first] - cameras[second]).slice(0, CAMERAS_SHOWN)
  byId("one-person").replaceChildren(...shown.map((index) => element("figure", {},
    element("img", { src: urlOf(index), alt: "" }), element("figcaption", { textContent: camera(cameras[index]) }))))
  byId("one-person-caption").textContent = shown.length ? onePerson(shown.length, shown.every((index) => cameras[index])) : ""
  byId("gallery-size").textContent = gallerySize(gallery.size, new Set(cameras.filter(Boolean)).size)
}

export function showProbes(probes, urlOf, onChoose) {
  const group = byId("probes")
  group.replaceChildren(...probes.map((probe, n) => element("button", {
    type: "button", tabIndex: n ? -1 : 0, onclick: () => onChoose(probe), title: camera(probe.camera),
    "aria-label": `${n + 1}. ${camera(probe.camera)}`,
  }, element("img", { src: urlOf(probe.index), alt: "", loading: "lazy" }))))
  moveByArrows(group, () => columnsOf(group))
  moveByArrows(byId("results"), () => columnsOf(byId("results")))
}

export function showRanking(state, urlOf, onChoose) {
  const { probe, ranking, probes, milliseconds } = state
  ;[...byId("probes").children].forEach((button, n) => button.setAttribute("aria-pressed", probes[n] === probe))
  byId("chosen").replaceChildren(element("img", { src: probe.url ?? urlOf(probe.index), alt: "" }),
    element("figcaption", { textContent: probe.url ? UPLOAD : `Probe, ${camera(probe.camera).toLowerCase()}` }))
  byId("verdict").textContent = verdict(ranking, Boolean(probe.identity))
  byId("ranking").classList.toggle("unlabelled", !probe.identity)
  byId("timing").textContent = timing(ranking.length, milliseconds)
  byId("results").replaceChildren(...ranking.slice(0, RESULTS).map((result, n) => {
    const mark = probe.identity ? (result.isTrue ? "is-true" : "is-false") : ""
    return element("button", {
      type: "button", className: `result ${mark}`, tabIndex: n ? -1 : 0, onclick: () => onChoose(result),
    },
    element("img", { src: urlOf(result.index), alt: resultLabel(result, Boolean(probe.identity)) }),
    element("span", { className: "rank", textContent: result.rank, "aria-hidden": "true" }),
    element("span", { className: "value", textContent: number(result.score), "aria-hidden": "true" }))
  }))
}

export function markResult(ranking, match) {
  [...byId("results").children].forEach((button, n) => button.setAttribute("aria-pressed", ranking[n] === match))
}
