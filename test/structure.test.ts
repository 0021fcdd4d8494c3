import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

/**
 * What each room may import from beside itself, in the order in which rooms build on each other: none may name a
 * room that stands after it.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  spec: [],
  text: [],
  contract: ["spec", "text"],
  aws: [],
  guard: ["spec", "text", "contract", "aws"],
  machine: ["spec", "contract"],
  kubernetes: ["spec", "contract", "machine"],
  components: ["spec", "contract", "guard", "machine", "kubernetes"],
  "settings.ts": ["spec"],
  "index.ts": ["settings.ts", "components"],
  policies: ["spec", "contract", "machine"],
  tools: [],
  record: ["spec"],
  plan: ["spec", "text", "contract", "record"],
  review: ["contract", "machine", "policies", "text", "record", "plan"],
  rehearse: ["contract", "machine", "tools", "record"],
  engine: ["spec", "tools", "record"],
  operate: ["spec", "contract", "aws", "guard", "text", "tools", "record", "plan"],
  "drill/world": ["contract", "machine", "kubernetes", "tools", "record", "rehearse"],
  "drill/faults": ["drill/world"],
  "drill/harness": [
    ...["spec", "contract", "tools", "record", "rehearse", "engine", "operate"],
    ...["drill/world", "drill/faults"],
  ],
  "drill/scenarios": [
    ...["contract", "kubernetes", "tools", "record", "rehearse"],
    ...["drill/world", "drill/faults", "drill/harness"],
  ],
  "drill/measurements": [
    ...["contract", "machine", "rehearse"],
    ...["drill/world", "drill/faults", "drill/harness"],
  ],
  commands: [
    ...["policies", "text", "tools", "record", "plan", "review", "rehearse", "operate"],
    ...["drill/harness", "drill/scenarios"],
  ],
};

/** These may import from every room, and no room from them. */
const users = ["bench", "examples", "test"];

/** The process in which drills run is the one of its room that knows which drills there are. */
const entries: Readonly<Record<string, readonly string[]>> = {
  "drill/harness/inside.ts": ["drill/scenarios", "drill/measurements"],
};

const root = join(__dirname, "..");
const imports = importsOfAll();

test("every file lies in a room that the table names", () => {
  const strays = [...imports.keys()].filter((file) => !users.includes(top(file)) && !(roomOf(file) in rooms));
  expect(strays).toEqual([]);
});

test("rooms build on those before them in the table", () => {
  const names = Object.keys(rooms);
  const upwards = names.flatMap((room, index) =>
    rooms[room]!.filter((other) => !names.slice(0, index).includes(other)).map(
      (other) => `${room} → ${other}`,
    ),
  );
  expect(upwards).toEqual([]);
});

test("files import from the rooms that theirs may", () => {
  const wrong = [...imports].flatMap(([file, imported]) => {
    if (users.includes(top(file))) return [];
    const room = roomOf(file);
    const allowed = [room, ...rooms[room]!, ...(entries[file] ?? [])];
    return imported
      .filter((other) => !allowed.includes(roomOf(other)))
      .map((other) => `${file} → ${other}: ${room} may not import from ${roomOf(other)}`);
  });
  expect(wrong).toEqual([]);
});

test("no files import each other in a circle, not even types", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file)) return;
    done.add(file);
    for (const other of imports.get(file)!) visit(other, [...path, file]);
  };
  for (const file of imports.keys()) visit(file, []);
  expect(circles).toEqual([]);
});

/** A drill's rooms lie one deeper than the others. */
function roomOf(file: string): string {
  const [first, second] = file.split("/");
  return first === "drill" ? `${first}/${second}` : first!;
}

function top(file: string): string {
  return file.split("/")[0]!;
}

/** Our files by their paths in the project, each with those of ours that it imports. */
function importsOfAll(): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (file) => ts.sys.readFile(file)) as {
    config: object;
  };
  const { fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  return new Map(fileNames.map((file) => [relative(root, file), importsOf(file)]));
}

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, "utf8"), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => resolve(dirname(file), fileName))
    .flatMap((path) => [`${path}.ts`, join(path, "index.ts")].find((each) => existsSync(each)) ?? [])
    .map((path) => relative(root, path));
}
