import { imagePrograms, imageTable, knownImages, outdated } from "../../spec/image";

test("a machine reads the table line by line: commands, least version, packages", () => {
  const lines = imageTable().trimEnd().split("\n");
  expect(lines).toHaveLength(imagePrograms.length);
  for (const line of lines) expect(line).toMatch(/^[\w.,|-]+ (-|[\d.]+) [a-z0-9-]+ [a-z0-9-]+$/);
  expect(lines[0]).toBe("curl 7.87 curl curl-minimal");
});

test("drilled images have what machines need; those with an older curl are named", () => {
  const found = Object.fromEntries(knownImages.map((image) => [image.name, outdated(image)]));
  expect(found).toEqual({
    "Debian 12": [],
    "Debian 13": [],
    "Ubuntu 24.04": [],
    "Amazon Linux 2023": [],
    "Ubuntu 22.04": ["curl 7.81 (7.87 is the least)"],
    "RHEL 9": ["curl 7.76 (7.87 is the least)"],
  });
  expect(knownImages.filter(({ drilled }) => drilled).map(({ name }) => name)).toEqual([
    "Debian 12",
    "Debian 13",
  ]);
});
