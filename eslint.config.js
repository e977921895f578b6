import js from "@eslint/js"

const browser = ["AbortController", "CustomEvent", "ResizeObserver", "atob", "clearTimeout", "document", "getComputedStyle",
  "matchMedia", "performance", "requestAnimationFrame", "setTimeout"]

export default [
  js.configs.recommended,
  {
    files: ["app/components/*.js"],
    languageOptions: { globals: Object.fromEntries(browser.map((name) => [name, "readonly"])) },
  },
  {
    files: ["tests/app/components/*.js"],
    languageOptions: { globals: { CustomEvent: "readonly", Event: "readonly", EventTarget: "readonly", btoa: "readonly", performance: "readonly" } },
  },
]
