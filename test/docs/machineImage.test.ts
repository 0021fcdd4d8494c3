import { readFileSync } from "node:fs";
import { join } from "node:path";
import { imagePrograms, knownImages, outdated } from "../../spec/image";
import { root } from "../fixtures/declarations";

const page = readFileSync(join(root, "docs", "machine-image.md"), "utf8");

/** Rows of the table under a heading, cell by cell. */
function rows(heading: string): string[][] {
  const section = page.split("\n## ").find((each) => each.startsWith(heading))!;
  const lines = section.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("the page says what an image must have as machines check it", () => {
  const inWords = (command: string) =>
    command
      .split("|")
      .map((each) => `\`${each}\``)
      .join(" or ");
  expect(rows("What an image must have")).toEqual(
    imagePrograms.map(({ commands, least = "any", why, packages }) => [
      commands.map(inWords).join(", "),
      least,
      why,
      packages.apt,
      packages.dnf,
    ]),
  );
});

test("the page says of each image whether it fits, as preflight does", () => {
  expect(rows("Which images have it")).toEqual(
    knownImages.map((image) => {
      const { curl, jq, python3, systemctl } = image.versions;
      const old = outdated(image);
      const fits = old.length === 0 ? "fits" : `out: ${old.join(", ")}`;
      return [image.name, curl, jq, python3, systemctl, image.drilled ? "yes" : "no", fits];
    }),
  );
});
