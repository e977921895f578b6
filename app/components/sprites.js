// Small images of all points of the maps in one, kept once for all maps of the page, while they are shown (map.js reads them by key).
const sprites = (globalThis.personSprites ??= new Map())

export default function ({ data }) {
  if (!sprites.has(data.key)) sprites.set(data.key, data)
  return () => sprites.delete(data.key)
}
