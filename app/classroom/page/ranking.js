// The ranking of the gallery for one probe, and the measures over many probes.

// The gallery sorted by score -> [{ index, rank, score, isTrue }]. `probe` is { descriptor, identity, ignoredCameras,
// name }. Its own image is ignored, and so are images of its identity from the ignored cameras: its own and those of the
// same place. Without an identity no result is a true match.
export function rank({ descriptors, identities, cameras, names, length }, { descriptor, identity, ignoredCameras, name }) {
  const found = []
  for (let index = 0; index < identities.length; index++) {
    const isSame = identity && identities[index] === identity
    if (names[index] === name || (isSame && ignoredCameras.includes(cameras[index]))) continue
    let score = 0
    for (let d = 0, at = index * length; d < length; d++, at++) score += descriptors[at] * descriptor[d]
    found.push({ index, score, isTrue: Boolean(isSame) })
  }
  found.sort((first, second) => second.score - first.score || first.index - second.index)
  return found.map((each, n) => ({ ...each, rank: n + 1 }))
}

// the rank of the first true match, undefined if the gallery has none
export function firstTrueRank(ranking) {
  return ranking.find((each) => each.isTrue)?.rank
}

// the share of probes whose first true match has rank k or less, for k = 1 ... most
export function matchCurve(ranks, most) {
  return Array.from({ length: most }, (_, n) => ranks.filter((rank) => rank <= n + 1).length / ranks.length)
}
