import { versionStepProblem } from "../../spec/versions";

test.each([
  ["3.5.32", "3.6.16"],
  ["3.6.11", "3.7.3"],
  ["3.6.12", "3.6.16"],
  ["3.6.16", "3.6.12"],
  ["3.6.16", "3.5.35"],
  ["3.7.3", "3.6.16"],
])("%s may become %s", (from, to) => {
  expect(versionStepProblem(from, to)).toBeUndefined();
});

test.each([
  ["3.5.31", "3.6.16", "every member must run 3.5.32 or later of its minor first"],
  ["3.6.10", "3.7.3", "every member must run 3.6.11 or later of its minor first"],
  ["3.5.35", "3.7.3", "one minor version at a time"],
  ["3.7.3", "3.5.35", "one minor version at a time"],
  ["3.6.16", "4.0.0", "another major version"],
  ["", "3.6.16", "no semantic versions"],
])("%s may not become %s", (from, to, problem) => {
  expect(versionStepProblem(from, to)).toBe(problem);
});
