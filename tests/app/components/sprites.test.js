import assert from "node:assert/strict"
import { test } from "node:test"

import show from "../../../app/components/sprites.js"

test("images are stored while they are shown", () => {
  const remove = show({ data: { key: "a", url: "data:," } })
  assert.equal(globalThis.personSprites.get("a").url, "data:,")
  remove()
  assert.equal(globalThis.personSprites.size, 0)
})
