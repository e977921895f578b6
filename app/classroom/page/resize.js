// Resizes an image with the same numbers as Pillow's bilinear filter: whole numbers, first the columns, then the rows.
const ONE = 2 ** 22 // Pillow's weights are multiples of 1 / ONE

// RGB (rows x columns x 3) -> RGB (toRows x toColumns x 3)
export function resize(image, rows, columns, toRows, toColumns) {
  const narrow = columns === toColumns ? image : across(image, rows, columns, toColumns)
  return rows === toRows ? narrow : down(narrow, toColumns, rows, toRows)
}

function across(image, rows, columns, target) {
  const out = new Uint8ClampedArray(rows * target * 3)
  triangles(columns, target).forEach(({ first, weights }, x) => {
    for (let y = 0; y < rows; y++) {
      mean(image, (y * columns + first) * 3, 3, weights, out, (y * target + x) * 3)
    }
  })
  return out
}

function down(image, columns, rows, target) {
  const out = new Uint8ClampedArray(target * columns * 3)
  triangles(rows, target).forEach(({ first, weights }, y) => {
    for (let x = 0; x < columns; x++) {
      mean(image, (first * columns + x) * 3, columns * 3, weights, out, (y * columns + x) * 3)
    }
  })
  return out
}

function mean(image, start, step, weights, out, at) {
  for (let channel = 0; channel < 3; channel++) {
    let sum = ONE / 2 // rounds to the nearest
    for (let n = 0, from = start + channel; n < weights.length; n++, from += step) sum += image[from] * weights[n]
    out[at + channel] = Math.floor(sum / ONE)
  }
}

// the first pixel and the weights of each pixel of the target
export function triangles(size, target) {
  const scale = size / target
  const reach = Math.max(scale, 1)
  return Array.from({ length: target }, (_, n) => {
    const centre = (n + 0.5) * scale
    const first = Math.max(0, Math.floor(centre - reach + 0.5))
    const last = Math.min(size, Math.floor(centre + reach + 0.5))
    const raw = []
    for (let at = first; at < last; at++) raw.push(Math.max(0, 1 - Math.abs(at - centre + 0.5) / reach))
    const sum = raw.reduce((total, weight) => total + weight, 0)
    return { first, weights: raw.map((weight) => Math.floor((weight / sum) * ONE + 0.5)) }
  })
}
