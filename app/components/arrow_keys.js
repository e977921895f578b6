// Arrow keys click links of the page, for instance to the next step of a presentation.
export default function ({ data }) {
  const stop = new AbortController()
  const listen = (event) => {
    const selector = data.keys[event.key]
    if (!selector || event.altKey || event.ctrlKey || event.metaKey || types(event.composedPath()[0])) return
    const link = document.querySelector(selector)
    if (!link) return
    event.preventDefault()
    link.click()
  }
  document.addEventListener("keydown", listen, { signal: stop.signal })
  return () => stop.abort()
}

// whether an element uses the arrow keys itself
export function types(element) {
  return Boolean(element?.closest?.('input, textarea, select, [role="slider"], [role="radio"], [role="option"], [contenteditable]'))
}
