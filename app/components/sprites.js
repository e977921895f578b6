// Small images of all points in one image, for all maps of the page (scatter_map.js reads them by key).
const sprites = (globalThis.personSprites ??= new Map())

export default function ({ data }) {
  if (!sprites.has(data.key)) sprites.set(data.key, data)
  return () => sprites.delete(data.key)
}
