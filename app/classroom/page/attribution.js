// The score of two images as a sum over the regions of one image, exactly: the descriptor before its division by its
// length is c + sum_r u_r.

// -> { score, probe: { regions, shared }, match: { regions, shared } }; each image's regions and `shared` sum to the score
export function attribute(network, probe, match) {
  const of = (own, other) => ({
    regions: own.projected.map((u) => dot(u, other.descriptor) / own.length),
    shared: dot(network.offset, other.descriptor) / own.length,
  })
  return { score: dot(probe.descriptor, match.descriptor), probe: of(probe, match), match: of(match, probe) }
}

export function dot(first, second) {
  let sum = 0
  for (let n = 0; n < first.length; n++) sum += first[n] * second[n]
  return sum
}
