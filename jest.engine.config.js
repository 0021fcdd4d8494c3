/**
 * Tests on Pulumi's real engine, which `npm test` leaves out: they need its CLI and take minutes.
 * @type {import("jest").Config}
 */
module.exports = {
  ...require("./jest.config.js"),
  testMatch: ["<rootDir>/test/engine/*.engine.ts"],
  globalSetup: "<rootDir>/test/engine/setup.ts",
  // Several deployments a test: an end for what hangs, not a measure.
  testTimeout: 3_600_000,
};
