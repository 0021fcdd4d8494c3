/**
 * Tests that start programs again and again, the machines', a policy pack or the whole program: they take minutes,
 * and `npm test` leaves them out.
 * @type {import("jest").Config}
 */
module.exports = {
  ...require("./jest.config.js"),
  testMatch: ["**/*.slow.test.ts"],
  testPathIgnorePatterns: [],
};
