// The data of the page: each pack is a script that calls `receive`.
import { unpack } from "./unpack.js"
import { buildNetwork } from "./network.js"
import { LOAD_FAILED } from "./texts.js"

function loadPack(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = `${name}.js`
    script.charset = "utf-16le" // the file has a byte order mark, too
    script.onerror = () => reject(new Error(LOAD_FAILED))
    receivers[name] = (length, text) => resolve(unpack(text, length))
    document.head.append(script)
  }).finally(() => delete receivers[name])
}
const receivers = {}
window.receive = (name, length, text) => receivers[name](length, text)

// -> { gallery, probes, isComputerGenerated, fileOf(index) }; the images of the probes follow those of the gallery
export async function loadPeople() {
  const [{ about, arrays }, images] = await Promise.all([loadPack("ranking"), loadPack("images")])
  const size = about.gallery.names.length
  const length = arrays.gallery.length / size
  const probes = about.probes.names.map((name, n) => ({
    name,
    index: size + n,
    identity: about.probes.identities[n],
    camera: about.probes.cameras[n],
    ignoredCameras: about.ignoredCameras[n],
    descriptor: arrays.probes.subarray(n * length, (n + 1) * length),
  }))
  const starts = [0]
  for (const bytes of images.about.sizes) starts.push(starts.at(-1) + bytes)
  const fileOf = (index) => {
    const bytes = images.arrays.bytes.subarray(starts[index], starts[index + 1])
    return new Blob([bytes], { type: images.about.types[index] })
  }
  const { distractor, isComputerGenerated } = about
  return { gallery: { ...about.gallery, distractor, descriptors: arrays.gallery, length, size }, probes, isComputerGenerated, fileOf }
}

export async function loadNetwork() {
  return buildNetwork(await loadPack("network"))
}
