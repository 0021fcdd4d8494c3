const common = {
  testEnvironment: "node",
  transform: { "^.+\\.ts$": "@swc/jest" },
};

/**
 * Projects by what their tests need.
 * @type {import("jest").Config}
 */
module.exports = {
  projects: [
    {
      ...common,
      // Node alone, and etcd, which they get as a rehearsal does: `npm test`.
      displayName: "unit",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: ["\\.slow\\.test\\.ts$"],
    },
    {
      ...common,
      // The machines' programs, a policy pack or the whole program, started again and again: minutes, and what
      // Debian's machines have (bash, curl, jq, Python).
      displayName: "programs",
      testMatch: ["<rootDir>/test/**/*.slow.test.ts"],
    },
    {
      ...common,
      // Pulumi's own engine: its CLI, found or built from Go modules.
      displayName: "engine",
      testMatch: ["<rootDir>/test/engine/*.engine.ts"],
      globalSetup: "<rootDir>/test/engine/setup.ts",
    },
  ],
  // An end for what hangs, not a measure. Jest takes none from a project; tests of the engine set their own.
  testTimeout: 300_000,
};
