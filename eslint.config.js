import js from "@eslint/js"

const browser = ["AbortController", "Blob", "CustomEvent", "DecompressionStream", "Image", "ImageData", "MutationObserver", "ResizeObserver", "Response", "TextDecoder",
  "URL", "XMLSerializer", "atob", "cancelAnimationFrame", "clearTimeout", "createImageBitmap", "document", "getComputedStyle", "matchMedia", "navigator", "performance",
  "requestAnimationFrame", "setTimeout", "window"]

export default [
  js.configs.recommended,
  {
    files: ["app/components/*.js", "app/classroom/page/*.js"],
    languageOptions: { globals: Object.fromEntries(browser.map((name) => [name, "readonly"])) },
  },
  {
    files: ["tests/app/*/*.js"],
    languageOptions: { globals: { CustomEvent: "readonly", Event: "readonly", EventTarget: "readonly", btoa: "readonly", performance: "readonly" } },
  },
]
