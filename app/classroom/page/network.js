// The network: an image -> feature maps of two streams -> bilinear matrices of regions -> descriptor.
// Numbers of a location lie together (channels last).
export const [ROWS, COLUMNS, PART, MAP] = [160, 60, 60, 15]
export const PART_TOPS = [0, 50, 100] // the first rows of the parts, which have 60 rows and overlap
const [K1, K2] = [7, 5] // sides of the convolutions

// Adds what all images share to the arrays of a pack: the embedding c of the mean region vectors.
export function buildNetwork({ about, arrays }) {
  const side = MAP / about.regionSize
  const network = { ...about, ...arrays, side, regions: PART_TOPS.length * side * side, numbers: about.filters ** 2 }
  const mean = project(network, arrays.baseline)
  network.offset = Float64Array.from(arrays.norm_shift, (shift, d) => shift + arrays.norm_scale[d] * arrays.bias[d])
  mean.forEach((ofRegion) => ofRegion.forEach((value, d) => (network.offset[d] += value)))
  return network
}

// RGB (160 x 60 x 3) -> everything that the network computes on the way to the descriptor
export function describe(network, pixels) {
  const maps = PART_TOPS.map((top, part) => partMaps(network, pixels, top, part))
  const matrices = maps.flatMap((each) => bilinearMatrices(network, each))
  const vectors = new Float64Array(network.regions * network.numbers)
  matrices.forEach((each, region) => vectors.set(regionVector(network, each), region * network.numbers))
  const projected = project(network, vectors.map((value, n) => value - network.baseline[n]))
  const embedding = network.offset.map((value, d) => projected.reduce((sum, each) => sum + each[d], value))
  const length = Math.hypot(...embedding)
  return { pixels, maps, matrices, projected, length, descriptor: embedding.map((value) => value / length) }
}

// the feature maps of one part, { a, b }, each (15 x 15 x C)
function partMaps(network, pixels, top, part) {
  const C = network.filters
  const image = new Float64Array(PART * PART * 3)
  for (let n = 0; n < image.length; n++) image[n] = (pixels[top * COLUMNS * 3 + n] - network.mean) * network.scale
  const first = convolve(image, PART, 3, network.conv1, K1, 2 * C)
  const both = poolAndRectify(first, PART, 2 * C, network.norm1_scale, network.norm1_shift)
  const [a, b] = [0, 1].map((stream) => {
    const half = PART / 2
    const own = new Float64Array(half * half * C)
    for (let n = 0; n < half * half; n++) own.set(both.subarray((2 * n + stream) * C, (2 * n + stream + 1) * C), n * C)
    const at = stream * PART_TOPS.length + part
    const weights = network.conv2.subarray(at * K2 * K2 * C * C, (at + 1) * K2 * K2 * C * C)
    const norm = (values) => values.subarray(at * C, (at + 1) * C)
    const second = convolve(own, half, C, weights, K2, C)
    return poolAndRectify(second, half, C, norm(network.norm2_scale), norm(network.norm2_shift))
  })
  return { a, b }
}

// (size x size x channels) -> (size x size x filters); beyond the edges is zero.
// Two pixels and four filters are computed at once, so that the sums stay in the processor's registers.
function convolve(image, size, channels, weights, side, filters) {
  const [border, width] = [(side - 1) / 2, size + side]
  const row = width * channels
  const padded = new Float64Array(row * width)
  for (let y = 0; y < size; y++) {
    padded.set(image.subarray(y * size * channels, (y + 1) * size * channels), (y + border) * row + border * channels)
  }
  const kernel = new Float64Array(weights)
  const span = side * channels
  const out = new Float64Array(size * size * filters)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x += 2) {
      for (let f = 0; f < filters; f += 4) {
        let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0
        for (let ky = 0; ky < side; ky++) {
          let at = (y + ky) * row + x * channels
          let w = ky * span * filters + f
          for (let n = 0; n < span; n++, at++, w += filters) {
            const w0 = kernel[w], w1 = kernel[w + 1], w2 = kernel[w + 2], w3 = kernel[w + 3]
            const a = padded[at], b = padded[at + channels]
            a0 += a * w0; a1 += a * w1; a2 += a * w2; a3 += a * w3
            b0 += b * w0; b1 += b * w1; b2 += b * w2; b3 += b * w3
          }
        }
        const to = (y * size + x) * filters + f
        out[to] = a0; out[to + 1] = a1; out[to + 2] = a2; out[to + 3] = a3
        const next = to + filters
        out[next] = b0; out[next + 1] = b1; out[next + 2] = b2; out[next + 3] = b3
      }
    }
  }
  return out
}

// the maximum of 2 x 2, batch normalisation, and ReLU
function poolAndRectify(maps, size, filters, scale, shift) {
  const half = size / 2
  const out = new Float64Array(half * half * filters)
  for (let y = 0; y < half; y++) {
    for (let x = 0; x < half; x++) {
      const at = (2 * y * size + 2 * x) * filters
      for (let f = 0; f < filters; f++) {
        const upper = Math.max(maps[at + f], maps[at + filters + f])
        const lower = Math.max(maps[at + size * filters + f], maps[at + (size + 1) * filters + f])
        out[(y * half + x) * filters + f] = Math.max(0, scale[f] * Math.max(upper, lower) + shift[f])
      }
    }
  }
  return out
}

// equations (1) and (2): the sum over the locations of a region of a(l) b(l)^T, a matrix (C x C) for each region
function bilinearMatrices(network, { a, b }) {
  return Array.from({ length: network.side ** 2 }, (_, region) => {
    const matrix = new Float64Array(network.numbers)
    locationsOf(network, region).forEach((l) => addOuter(matrix, activations(network, a, l), activations(network, b, l)))
    return matrix
  })
}

// the locations of a region of a part, row by row, as numbers of the map's 15 x 15
export function locationsOf({ regionSize, side }, region) {
  const [top, left] = [Math.floor(region / side) * regionSize, (region % side) * regionSize]
  return Array.from({ length: regionSize ** 2 }, (_, n) => {
    return (top + Math.floor(n / regionSize)) * MAP + left + (n % regionSize)
  })
}

// the activations of all filters at a location
export function activations({ filters }, maps, location) {
  return maps.subarray(location * filters, (location + 1) * filters)
}

export function addOuter(matrix, a, b) {
  for (let i = 0, n = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++, n++) matrix[n] += a[i] * b[j]
  }
}

// the square root of each number, and then length 1
function regionVector({ floor }, matrix) {
  const total = matrix.reduce((sum, value) => sum + value + floor, 0)
  return matrix.map((value) => Math.sqrt((value + floor) / total))
}

// u_r = scale W_r v_r of each region, from the numbers of all regions; their sum and c are the embedding.
// The weights are read in their order, and four sums at once keep the processor busy.
function project({ linear, norm_scale: scale, regions, numbers, length }, vectors) {
  const projected = Array.from({ length: regions }, () => new Float64Array(length))
  for (let d = 0, at = 0; d < length; d++) {
    for (let region = 0, n = 0; region < regions; region++) {
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0
      for (const end = n + numbers; n < end; n += 4, at += 4) {
        s0 += linear[at] * vectors[n]; s1 += linear[at + 1] * vectors[n + 1]
        s2 += linear[at + 2] * vectors[n + 2]; s3 += linear[at + 3] * vectors[n + 3]
      }
      projected[region][d] = scale[d] * (s0 + s1 + s2 + s3)
    }
  }
  return projected
}
