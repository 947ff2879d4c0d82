import { defineConfig } from "vitest/config";

// Tests of schedules are many; a busy machine is no failure.
export default defineConfig({ test: { include: ["test/**/*.test.{ts,tsx}"], testTimeout: 120_000 } });
