import assert from "node:assert/strict"
import { test } from "node:test"

import { attribute } from "../../../app/classroom/page/attribution.js"
import { buildNetwork, describe, locationsOf } from "../../../app/classroom/page/network.js"
import { firstTrueRank, matchCurve, rank } from "../../../app/classroom/page/ranking.js"
import { resize, triangles } from "../../../app/classroom/page/resize.js"
import { verdict } from "../../../app/classroom/page/texts.js"
import { halfValue, toBytes } from "../../../app/classroom/page/unpack.js"

const close = (found, expected) => assert.ok(Math.abs(found - expected) < 1e-9, `${found} is not ${expected}`)

// numbers between -1 and 1 that are the same each time
function numbers(count, seed) {
  return Float64Array.from({ length: count }, (_, n) => Math.sin(seed + 12.9898 * n))
}

function tinyNetwork() {
  const [C, D, R] = [4, 6, 27]
  const arrays = {
    conv1: numbers(7 * 7 * 3 * 2 * C, 1), conv2: numbers(6 * 5 * 5 * C * C, 2), linear: numbers(D * R * C * C, 3), bias: numbers(D, 4),
    norm1_scale: numbers(2 * C, 5), norm1_shift: numbers(2 * C, 6), norm2_scale: numbers(6 * C, 7), norm2_shift: numbers(6 * C, 8),
    norm_scale: numbers(D, 9), norm_shift: numbers(D, 10), baseline: numbers(R * C * C, 11),
  }
  return buildNetwork({ about: { filters: C, regionSize: 5, length: D, mean: 100, scale: 0.02, floor: 1e-4 }, arrays })
}

const image = (seed) => Uint8Array.from(numbers(160 * 60 * 3, seed), (value) => 127 + 127 * value)

test("the maps are those of a naive loop", () => {
  const network = tinyNetwork()
  const pixels = image(1)
  const { maps } = describe(network, pixels)
  const [C, part, stream, y, x, f] = [4, 1, 1, 3, 14, 2]
  const at = (row, column, channel) => {
    if (row < 0 || column < 0 || row > 59 || column > 59) return 0
    return (pixels[((50 + row) * 60 + column) * 3 + channel] - 100) * 0.02
  }
  const first = (row, column, filter) => {
    if (row < 0 || column < 0 || row > 29 || column > 29) return 0
    const pooled = [0, 1, 2, 3].map((n) => {
      let sum = 0
      for (let ky = 0; ky < 7; ky++) for (let kx = 0; kx < 7; kx++) for (let c = 0; c < 3; c++) {
        const weight = network.conv1[((ky * 7 + kx) * 3 + c) * 2 * C + stream * C + filter]
        sum += weight * at(2 * row + (n >> 1) + ky - 3, 2 * column + (n & 1) + kx - 3, c)
      }
      return sum
    })
    return Math.max(0, network.norm1_scale[stream * C + filter] * Math.max(...pooled) + network.norm1_shift[stream * C + filter])
  }
  const own = stream * 3 + part
  const pooled = [0, 1, 2, 3].map((n) => {
    let sum = 0
    for (let ky = 0; ky < 5; ky++) for (let kx = 0; kx < 5; kx++) for (let c = 0; c < C; c++) {
      const weight = network.conv2[(((own * 5 + ky) * 5 + kx) * C + c) * C + f]
      sum += weight * first(2 * y + (n >> 1) + ky - 2, 2 * x + (n & 1) + kx - 2, c)
    }
    return sum
  })
  const expected = Math.max(0, network.norm2_scale[own * C + f] * Math.max(...pooled) + network.norm2_shift[own * C + f])
  close(maps[part].b[(y * 15 + x) * C + f], expected)
})

test("a matrix is the sum of a(l) b(l)^T over the locations of its region", () => {
  const network = tinyNetwork()
  const { maps, matrices } = describe(network, image(2))
  const locations = locationsOf(network, 5) // the middle row, on the right
  assert.deepEqual([locations[0], locations[24]], [5 * 15 + 10, 9 * 15 + 14])
  const sum = locations.reduce((total, l) => total + maps[2].a[l * 4 + 1] * maps[2].b[l * 4 + 3], 0)
  close(matrices[2 * 9 + 5][1 * 4 + 3], sum)
})

test("the regions of each image and what all images share add up to the score", () => {
  const network = tinyNetwork()
  const [probe, match] = [describe(network, image(3)), describe(network, image(4))]
  const found = attribute(network, probe, match)
  close(Math.hypot(...probe.descriptor), 1)
  for (const side of [found.probe, found.match]) {
    close(side.regions.reduce((sum, value) => sum + value, side.shared), found.score)
  }
})

test("a ranking ignores the identity's images from the probe's camera, and marks true matches", () => {
  const gallery = { descriptors: Float32Array.of(1, 0, 0.6, 0.8, 0, 1, 1, 0), length: 2, identities: ["a", "a", "b", "b"], cameras: [1, 2, 1, 2], names: ["1", "2", "3", "4"] }
  const found = rank(gallery, { descriptor: [1, 0], identity: "a", ignoredCameras: [1] })
  assert.deepEqual(found.map(({ index, rank, isTrue }) => [index, rank, isTrue]), [[3, 1, false], [1, 2, true], [2, 3, false]])
  assert.deepEqual(rank(gallery, { descriptor: [1, 0] }).map(({ index }) => index), [0, 3, 1, 2]) // equal scores keep the order
  assert.deepEqual(matchCurve([firstTrueRank(found), 1], 2), [0.5, 1])
})

test("a ranking ignores the identity's images from all cameras of the probe's place", () => {
  const gallery = { descriptors: Float32Array.of(1, 0, 1, 0, 0, 1), length: 2, identities: ["a", "a", "a"], cameras: [1, 2, 3], names: ["1", "2", "3"] }
  const found = rank(gallery, { descriptor: [1, 0], identity: "a", ignoredCameras: [1, 2] })
  assert.deepEqual(found.map(({ index, rank, isTrue }) => [index, rank, isTrue]), [[2, 1, true]])
})

test("of images without a camera only the probe itself is ignored", () => {
  const gallery = { descriptors: Float32Array.of(1, 0, 0.6, 0.8, 0, 1), length: 2, identities: ["a", "a", "b"], cameras: [0, 0, 0], names: ["1", "2", "3"] }
  const found = rank(gallery, { descriptor: [1, 0], identity: "a", ignoredCameras: [], name: "1" })
  assert.deepEqual(found.map(({ index, isTrue }) => [index, isTrue]), [[1, true], [2, false]])
})

test("a probe may have no true match", () => {
  const ranking = [{ rank: 1, isTrue: false }]
  assert.equal(firstTrueRank(ranking), undefined)
  assert.equal(verdict(ranking, true), "The gallery has no true match for this probe.")
})

test("resizing to the same size changes nothing, and weights add up to one", () => {
  assert.deepEqual([...resize(Uint8Array.of(1, 2, 3, 4, 5, 6), 1, 2, 1, 2)], [1, 2, 3, 4, 5, 6])
  assert.deepEqual([...resize(Uint8Array.of(0, 0, 0, 255, 255, 255), 1, 2, 1, 1)], [128, 128, 128])
  for (const { weights } of triangles(313, 60)) assert.ok(Math.abs(weights.reduce((sum, value) => sum + value, 0) - 2 ** 22) < 9)
})

test("text becomes bytes, and half precision becomes numbers", () => {
  assert.deepEqual([...toBytes("\u4000\u4001\ubfe0", 5)], [0, 0, 0, 7, 255])
  assert.deepEqual([0x3c00, 0xc000, 0x0001, 0x3555].map(halfValue), [1, -2, 2 ** -24, 0.333251953125])
})
