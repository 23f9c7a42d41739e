import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { licences } from "./build_licences";

// Paths are relative and every page is one step below the root, so that the pages also work below a prefix.
export default defineConfig({
  base: "./",
  plugins: [react(), licences()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    target: "es2022",
    sourcemap: false,
    chunkSizeWarningLimit: 400,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": process.env.WAYBILL_WEB_API ?? "http://127.0.0.1:8317" } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
