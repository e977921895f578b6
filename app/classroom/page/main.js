// The page: a probe -> ranking -> comparison with one result -> one region. Each click redraws what follows it.
import { byId } from "./element.js"
import { loadNetwork, loadPeople } from "./data.js"
import { decode, networkInput } from "./pixels.js"
import { describe } from "./network.js"
import { attribute } from "./attribution.js"
import { rank } from "./ranking.js"
import { startTheme } from "./theme.js"
import { startUpload } from "./upload.js"
import { markResult, showIntroduction, showProbes, showRanking } from "./people_panels.js"
import { markRegion, showContributions, startContributions } from "./contributions_panel.js"
import { MatrixPanel } from "./matrix_panel.js"
import { showScore } from "./score_panel.js"
import { showAccuracy } from "./accuracy_panel.js"
import { count, matchCaption, numbersText } from "./texts.js"

const state = { chosen: null } // until the first comparison
window.classroom = state // for the console of the browser: all numbers of the page
const urls = new Map()
const described = new Map() // index of an image -> what the network has computed of it
let network, panel

function urlOf(index) {
  if (!urls.has(index)) urls.set(index, URL.createObjectURL(state.fileOf(index)))
  return urls.get(index)
}

async function inside(index) {
  if (!described.has(index)) {
    described.set(index, describe(network, networkInput(await decode(state.fileOf(index))).pixels))
  }
  return described.get(index)
}

// a demo probe, or { url, descriptor, inside } of an uploaded image
function search(probe) {
  const start = performance.now()
  const ranking = rank(state.gallery, probe)
  Object.assign(state, { probe, ranking, milliseconds: performance.now() - start + (probe.milliseconds ?? 0) })
  showRanking(state, urlOf, compare)
  return compare(ranking[0])
}

async function compare(match) {
  state.match = match
  markResult(state.ranking, match)
  byId("match-caption").textContent = matchCaption(match)
  await networkReady
  const { probe } = state
  const insides = { probe: probe.inside ?? await inside(probe.index), match: await inside(match.index) }
  if (state.probe !== probe || state.match !== match) return // another click came meanwhile
  Object.assign(state, { insides, attribution: attribute(network, insides.probe, insides.match) })
  showContributions(state)
  showScore(network, state)
  const { regions } = state.attribution.probe
  const { image, region } = state.chosen ?? { image: "probe", region: regions.indexOf(Math.max(...regions)) }
  chooseRegion(image, region)
}

function chooseRegion(image, region) {
  state.chosen = { image, region }
  markRegion(state)
  panel.show(state.insides[image], image, region)
}

async function searchUpload(bitmap, box) {
  await networkReady
  const start = performance.now()
  const { pixels, url } = networkInput(bitmap, box)
  const found = describe(network, pixels)
  await search({ url, inside: found, descriptor: found.descriptor, milliseconds: performance.now() - start })
  byId("ranking").scrollIntoView()
}

function jumpTo(probe) {
  byId("ranking").scrollIntoView()
  return search(probe)
}

async function prepareNetwork() {
  await peopleReady
  network = await loadNetwork()
  state.side = network.side
  panel = new MatrixPanel(network)
  startContributions(network.side, chooseRegion)
  byId("numbers").textContent = numbersText(network.regions, network.filters)
}

async function preparePeople() {
  Object.assign(state, await loadPeople())
  for (const place of document.querySelectorAll(".computer-generated")) place.hidden = !state.isComputerGenerated
  byId("probe-count").textContent = state.probes.length
  for (const place of document.querySelectorAll(".length")) place.textContent = count(state.gallery.length)
  showIntroduction(state, urlOf)
  showProbes(state.probes, urlOf, search)
}

async function start() {
  startTheme()
  startUpload(searchUpload)
  await peopleReady
  const ready = search(state.probes[0])
  showAccuracy(state.probes, state.probes.map((probe) => rank(state.gallery, probe)), urlOf, jumpTo)
  await ready
  document.documentElement.dataset.ready = "true"
}

const peopleReady = preparePeople()
const networkReady = prepareNetwork()
start().catch((error) => {
  byId("error").textContent = error.message
  throw error
})
