// The button for light and dark colours. Without a click the page follows the system.
import { byId } from "./element.js"
import { THEME } from "./texts.js"

export function startTheme() {
  const [root, button] = [document.documentElement, byId("theme")]
  const dark = window.matchMedia("(prefers-color-scheme: dark)")
  const current = () => root.dataset.theme ?? (dark.matches ? "dark" : "light")
  const label = () => {
    button.textContent = current() === "dark" ? "☀" : "☾"
    button.setAttribute("aria-label", THEME[current()])
    button.title = THEME[current()]
  }
  button.onclick = () => {
    root.dataset.theme = current() === "dark" ? "light" : "dark"
    label()
  }
  dark.addEventListener("change", label)
  label()
}
