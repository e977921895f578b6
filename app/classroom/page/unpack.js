// Reads the packs that pack.py has written: text of 15 bits a character -> gzip -> header and arrays.
const [BITS, FIRST_CHARACTER] = [15, 0x4000]
const TYPES = { uint8: Uint8Array, float16: Uint16Array, float32: Float32Array, float64: Float64Array }

// -> { about, arrays: { name: typed array } }; float16 becomes float32
export async function unpack(text, length) {
  const stream = new Blob([toBytes(text, length)]).stream().pipeThrough(new DecompressionStream("gzip"))
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  const start = 4 + new DataView(bytes.buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)))
  const arrays = {}
  let at = start
  for (const { name, type, shape } of header.arrays) {
    const count = shape.reduce((product, size) => product * size, 1)
    const array = fromPlanes(bytes, at, count, TYPES[type])
    at += array.byteLength
    arrays[name] = type === "float16" ? toFloat32(array) : array
  }
  return { about: header.about, arrays }
}

export function toBytes(text, length) {
  const bytes = new Uint8Array(length)
  let held = 0, bits = 0, at = 0
  for (let n = 0; n < text.length; n++) {
    held = (held << BITS) | (text.charCodeAt(n) - FIRST_CHARACTER)
    bits += BITS
    while (bits >= 8 && at < length) bytes[at++] = held >> (bits -= 8)
    held &= (1 << bits) - 1
  }
  return bytes
}

// the first bytes of all numbers, then the second ones, ... -> numbers
function fromPlanes(bytes, start, count, Type) {
  const size = Type.BYTES_PER_ELEMENT
  if (size === 1) return bytes.slice(start, start + count)
  const joined = new Uint8Array(size * count)
  for (let plane = 0, from = start; plane < size; plane++) {
    for (let n = plane; n < joined.length; n += size) joined[n] = bytes[from++]
  }
  return new Type(joined.buffer)
}

function toFloat32(halves) {
  const values = Float32Array.from({ length: 65536 }, (_, bits) => halfValue(bits))
  const floats = new Float32Array(halves.length)
  for (let n = 0; n < halves.length; n++) floats[n] = values[halves[n]]
  return floats
}

export function halfValue(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024))
}
