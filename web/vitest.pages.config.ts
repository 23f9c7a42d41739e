import { defineConfig } from "vitest/config";

// The pages in a real browser; one file after the other, so that a small machine is not overrun.
export default defineConfig({
  test: {
    include: ["tests/**/*.spec.ts"],
    environment: "node",
    fileParallelism: false,
    // A page is looked at while it loads, and a small machine is slow at times.
    retry: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
