// The ranking of the gallery for one probe, and the measures over many probes.

// The gallery sorted by score -> [{ index, rank, score, isTrue }]. `probe` is { descriptor, identity, camera }. Images of
// its identity from its camera are ignored; without an identity no result is a true match.
export function rank({ descriptors, identities, cameras, length }, { descriptor, identity, camera }) {
  const found = []
  for (let index = 0; index < identities.length; index++) {
    const isSame = identity && identities[index] === identity
    if (isSame && cameras[index] === camera) continue
    let score = 0
    for (let d = 0, at = index * length; d < length; d++, at++) score += descriptors[at] * descriptor[d]
    found.push({ index, score, isTrue: Boolean(isSame) })
  }
  found.sort((first, second) => second.score - first.score || first.index - second.index)
  return found.map((each, n) => ({ ...each, rank: n + 1 }))
}

// the share of probes with a true match among the first k results, for k = 1 ... most
export function matchCurve(rankings, most) {
  const first = rankings.map((ranking) => ranking.find((each) => each.isTrue)?.rank ?? Infinity)
  return Array.from({ length: most }, (_, n) => first.filter((rank) => rank <= n + 1).length / first.length)
}
