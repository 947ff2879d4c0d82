import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

// What reads the world must be given it: see src/environment.ts. Browser globals are for src/browser*.ts alone.
const ambient = [
  "window", "document", "location", "navigator", "localStorage", "sessionStorage", "performance", "fetch",
  "setTimeout", "setInterval", "clearTimeout", "clearInterval", "BroadcastChannel", "EventSource", "WebSocket",
  "addEventListener", "removeEventListener", "crypto",
].map((name) => ({ name, message: "Take it from the Environment." }));

export default defineConfig(
  { ignores: ["dist/", "src/openapi.ts"] },
  js.configs.recommended,
  { files: ["**/*.mjs"], languageOptions: { globals: { process: "readonly", fetch: "readonly", URL: "readonly" } } },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "max-lines": ["error", { max: 300 }],
    },
  },
  {
    files: ["src/**"],
    ignores: ["src/browser*.ts"],
    rules: {
      "no-restricted-globals": ["error", ...ambient],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "Take it from the Environment." },
        { object: "Math", property: "random", message: "Take it from the Environment." },
        { object: "globalThis", property: "fetch", message: "Take it from the Environment." },
      ],
    },
  },
  {
    // Doubles have methods that nothing is bound to, and promise nothing they wait for.
    files: ["test/**"],
    rules: { "@typescript-eslint/require-await": "off", "@typescript-eslint/unbound-method": "off" },
  },
);
