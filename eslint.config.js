import js from "@eslint/js"

const browser = ["AbortController", "Blob", "CustomEvent", "Image", "ResizeObserver", "URL", "XMLSerializer", "atob",
  "clearTimeout", "document", "getComputedStyle", "matchMedia", "navigator", "performance", "requestAnimationFrame", "setTimeout", "window"]

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
