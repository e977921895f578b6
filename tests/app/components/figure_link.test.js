import assert from "node:assert/strict"
import { test } from "node:test"

import { scrollTo } from "../../../app/components/figure_link.js"

function scrolled(position, panel) {
  const moves = []
  const main = { getBoundingClientRect: () => ({ top: 0 }), scrollBy: (move) => moves.push(move.top) }
  globalThis.getComputedStyle = () => ({ position })
  const figure = { closest: () => main, getBoundingClientRect: () => ({ top: 1000 }) }
  scrollTo(figure, { parentElement: {}, getBoundingClientRect: () => panel })
  return moves
}

test("a figure is scrolled below a panel that stays, and to the top otherwise", () => {
  assert.deepEqual(scrolled("sticky", { bottom: 350, height: 200 }), [784])
  assert.deepEqual(scrolled("static", { bottom: 350, height: 200 }), [984])
})
