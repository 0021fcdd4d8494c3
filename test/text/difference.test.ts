import { difference } from "../../text/difference";

const numbers = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`);

test("a changed line is shown between its neighbours", () => {
  const changed = numbers.with(9, "another\n").join("");
  expect(difference(numbers.join(""), changed)).toEqual({
    added: 1,
    removed: 1,
    hunks: [
      [
        "@@ -7,7 +7,7 @@",
        ...[" line 7", " line 8", " line 9", "-line 10", "+another", " line 11", " line 12", " line 13"],
      ].join("\n"),
    ],
  });
});

test("changes far from each other are hunks of their own, a file that is new is one", () => {
  const changed = numbers.with(0, "first\n").toSpliced(19, 1).join("");
  expect(difference(numbers.join(""), changed).hunks.map((hunk) => hunk.split("\n")[0])).toEqual([
    "@@ -1,4 +1,4 @@",
    "@@ -17,4 +17,3 @@",
  ]);
  expect(difference("", "a\nb\n")).toEqual({ added: 2, removed: 0, hunks: ["@@ -0,0 +1,2 @@\n+a\n+b"] });
  expect(difference("a\n", "a\n")).toEqual({ added: 0, removed: 0, hunks: [] });
});
