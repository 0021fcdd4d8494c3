import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { getPulumi, oldestPulumi, pulumiVersion as version } from "../../tools/pulumi";
import { parse } from "yaml";
import { script } from "./fakeEtcd";
import { refused } from "./outcome";

// A shell script stands in for the binary, which has 117 MB and takes minutes to build.
const answer = (reported: string) => `[ "$1" = version ] && echo "v${reported}"`;

let home: string;
let cacheDir: string;
let bin: string;
const originalPath = process.env.PATH;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "pulumi-test-"));
  cacheDir = join(home, "cache");
  bin = join(home, "bin");
  mkdirSync(bin);
  process.env.PATH = bin;
});

afterEach(() => {
  process.env.PATH = originalPath;
  rmSync(home, { recursive: true });
});

test("is found on PATH, of whatever version is new enough, before one that was built", async () => {
  fakeGo();
  await getPulumi({ cacheDir });
  script(join(bin, "pulumi"), answer("3.999.0"));
  expect(await getPulumi({ cacheDir })).toEqual({
    pulumi: join(bin, "pulumi"),
    version: "3.999.0",
    source: "path",
    cached: false,
    languageHost: undefined,
  });
});

test("on PATH brings the language host that lies beside it, wherever a link leads", async () => {
  const release = join(home, "release");
  mkdirSync(release);
  script(join(release, "pulumi"), answer(oldestPulumi));
  script(join(release, "pulumi-language-nodejs"), "exit 0");
  symlinkSync(join(release, "pulumi"), join(bin, "pulumi"));
  expect((await getPulumi({ cacheDir })).languageHost).toBe(join(release, "pulumi-language-nodejs"));
});

test("too old on PATH is passed over, said, and built from Go modules held to the committed checksums", async () => {
  script(join(bin, "pulumi"), answer("3.237.0"));
  const calls = fakeGo();
  const said: string[] = [];
  const got = await getPulumi({ cacheDir, report: (message) => said.push(message) });
  expect(got).toMatchObject({ version, source: "go", cached: false });
  expect(said).toEqual([
    `${join(bin, "pulumi")} is version 3.237.0; at least ${oldestPulumi} is needed`,
    expect.stringContaining(`building pulumi ${version} from Go modules, held to the checksums`),
  ]);
  expect(calls()).toEqual([
    expect.stringMatching(
      `^${resolve("tools/pulumi/modules", version)}: build -mod=readonly -o .*/pulumi ` +
        `.* -ldflags=.*version.Version=v${version} github.com/pulumi/pulumi/pkg/v3/cmd/pulumi$`,
    ),
  ]);
  expect(await getPulumi({ cacheDir })).toEqual({ ...got, cached: true });
});

test("without any way says so", async () => {
  const error = await refused(getPulumi({ cacheDir }));
  expect(error.message).toContain(`no way to pulumi ${version}`);
  expect(error.message).toContain("go: go is not on PATH");
});

test("the project asks users for the version that is asked for here", () => {
  const { requiredPulumiVersion } = parse(readFileSync(resolve("Pulumi.yaml"), "utf8")) as Record<
    string,
    string
  >;
  expect(requiredPulumiVersion).toBe(`>=${oldestPulumi}`);
});

test("the committed modules are of this version, the SDK too", () => {
  const text = readFileSync(resolve("tools/pulumi/modules", version, "go.mod"), "utf8");
  for (const module of ["pkg", "sdk"])
    expect(text).toContain(`github.com/pulumi/pulumi/${module}/v3 v${version}`);
});

/** Puts a `go` into the directory that writes a binary where it is asked to; returns what tells its calls. */
function fakeGo(): () => string[] {
  const calls = join(bin, "calls");
  script(join(bin, "built"), answer(version));
  script(join(bin, "go"), `echo "$PWD: $*" >> ${calls}\n/bin/cp ${join(bin, "built")} "$4"`);
  return () => readFileSync(calls, "utf8").trimEnd().split("\n");
}
