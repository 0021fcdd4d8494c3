import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../policies/rules";
import { root } from "../fixtures/declarations";

const page = readFileSync(join(root, "docs", "review.md"), "utf8");

test("the page on the review lists every rule as the pack has it", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| `etcd-"));
  expect(
    rows.map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ),
  ).toEqual(rules.map(({ name, level, rule, source }) => [`\`${name}\``, level, rule, source]));
});
