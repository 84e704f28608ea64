import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const page = "../services/ingress/src/reveille/ingress/entrypoints/http/page";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: process.env["PAGE"] ?? page,
    emptyOutDir: true,
    assetsInlineLimit: 0, // the page's policy lets nothing in but files
    modulePreload: { polyfill: false }, // it would be an inline script
    reportCompressedSize: false,
  },
  // `npm run dev` beside a `reveille up`: the page is loaded again as it is edited.
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(
      ["/api", "/status", "/metrics", "/readyz", "/healthz", "/docs", "/ws"].map((path) => [
        path,
        { target: process.env["REVEILLE"] ?? "http://127.0.0.1:3004", ws: true },
      ]),
    ),
  },
  test: { environment: "node", include: ["tests/**/*.test.ts"] },
});
