/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["\\.slow\\.test\\.ts$"],
  transform: { "^.+\\.ts$": "@swc/jest" },
  // One full rehearsal may build etcd first.
  testTimeout: 120_000,
  maxWorkers: 2,
};
