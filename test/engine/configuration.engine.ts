import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineEnvironment } from "../../engine/standIns";
import type { Configuration } from "../../record/configuration";
import { loadStack } from "../../record/project";
import { root } from "../fixtures/declarations";
import { engine, withEngine } from "./engine";

const plainProject = "name: etcd\nruntime: nodejs\n";
const production = readFileSync(join(root, "Pulumi.prod.yaml"), "utf8");
const instead = (line: string, other: string) => production.replace(line, other);

/** Files by what is in them: a stack's, and Pulumi.yaml where that matters. */
const files: [string, stackFile: string, projectFile?: string][] = [
  ["the production stack", production, readFileSync(join(root, "Pulumi.yaml"), "utf8")],
  ["an empty file", ""],
  ["no configuration", "config:\n"],
  ["a byte order mark", `\uFEFF${production}`],
  ["lines that end as Windows' do", production.replaceAll("\n", "\r\n")],
  [
    "anchors, aliases and merge keys",
    "config:\n  etcd:a: &a { x: 1, y: [b, c] }\n  etcd:b: { y: 2, <<: *a }\n  etcd:c: [*a, { <<: [*a, { z: 3 }] }]\n",
  ],
  [
    "an empty setting, and null within one",
    instead("etcd:discovery: static", "etcd:restore:\n  etcd:discovery: { x: null, y: ~, z: }"),
  ],
  ["JSON as a text", "config:\n  etcd:tags: '{\"team\":\"platform\"}'\n  etcd:list: '[1]'\n"],
  [
    "numbers as texts",
    'config:\n  etcd:backups: { interval: "30" }\n  etcd:count: "30"\n  etcd:on: "true"\n',
  ],
  [
    "words, numbers and dates that are not quoted",
    `config:
  etcd:words: [yes, on, No, true, TRUE, null, ~]
  etcd:yes: yes
  etcd:true: True
  etcd:numbers: [0777, 0o17, 0x1F, 0b101, -07, 1_000, 089, +5, 1e3, 1.0, 3.10, 1e21, 0.0000001, -0.5]
  etcd:octal: 0777
  etcd:float: 3.10
  etcd:whole: 2.0
  etcd:big: 9007199254740993
  etcd:exponent: 1e21
  etcd:version: 3.6.16
  etcd:day: 2026-11-29
  etcd:times: [2026-1-2T03:04:05.60Z, 2026-11-29T10:00:00+02:00, 2026-11-29 10:00:00, 2026-02-30]
`,
  ],
  [
    "keys without a namespace, of others, and as they were once written",
    "config:\n  size: small\n  etcd:count: 3\n  aws:config:region: eu-central-1\n  aws:profile: x\n",
  ],
  [
    "secrets, whole and within a setting, ours and others'",
    `config:
  etcd:alarms: { topicArn: { secure: "v1:AAAA:BBBB" } }
  etcd:list: [{ secure: "v1:AAAA:BBBB" }, plain]
  etcd:noSecret: { secure: "x", other: y }
  etcd:neither: { secure: 3 }
  datadog:apiKey:
    secure: v1:AAAA:BBBB
`,
  ],
  [
    "defaults and values of the project",
    "config:\n  etcd:own: mine\n  etcd:map: { a: 1 }\n  aws:profile: mine\n",
    `${plainProject}config:
  own: { type: string, default: theirs }
  etcd:full: { default: 3 }
  short: 4
  list: [1, { a: b }]
  map: { default: { b: 2 } }
  flag: { type: boolean, default: false }
  object: { default: { b: [1, x], a: null } }
  aws:region: eu-central-1
  aws:profile: theirs
  aws:tags: { value: { a: b } }
`,
  ],
  [
    "texts of several lines, signs and spaces",
    "config:\n  etcd:a: |\n    one\n    two <&> \u00e9\n  etcd:b: >-\n    three\n    four\n",
  ],
];

withEngine("a stack's configuration is what pulumi config --json says", () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "configuration-"))));
  afterEach(() => rmSync(home, { recursive: true }));

  test.each(files)("of %s", (_, stackFile, projectFile = plainProject) => {
    expect(readable(layOut(stackFile, projectFile))).toEqual(asked());
  });

  test("what it says can be handed in, and stands for what only Pulumi reads", () => {
    layOut("config:\n  etcd:a: 1\n  etcd:b: { c: { secure: x } }\n  etcd:d: { secure: x }\n", plainProject);
    const answers = join(home, "config.json");
    writeFileSync(answers, pulumi("config", "--stack", "test", "--json"));
    writeFileSync(join(home, "project", "Pulumi.test.yaml"), "environment: [team]\nconfig:\n  etcd:a: 2\n");
    expect(readable(loadStack(join(home, "project"), "test", answers))).toEqual({
      "etcd:a": { value: "1", secret: false },
      "etcd:b": { value: undefined, secret: true },
      "etcd:d": { value: undefined, secret: true },
    });
  });

  function pulumi(...args: string[]): string {
    const env = { ...process.env, ...engineEnvironment({ home, pulumi: engine() }) };
    const ran = spawnSync(engine().pulumi, ["--non-interactive", ...args], {
      cwd: join(home, "project"),
      env,
      encoding: "utf8",
    });
    if (ran.status !== 0) throw new Error(`pulumi ${args.join(" ")}: ${ran.stderr}`);
    return ran.stdout;
  }

  function layOut(stackFile: string, projectFile: string): Configuration {
    const project = join(home, "project");
    mkdirSync(project);
    writeFileSync(join(project, "Pulumi.yaml"), projectFile);
    pulumi("stack", "init", "test");
    // A stack's beginning writes its file.
    writeFileSync(join(project, "Pulumi.test.yaml"), stackFile);
    return loadStack(project, "organization/etcd/test");
  }

  function asked(): Comparable {
    const answers = JSON.parse(pulumi("config", "--stack", "test", "--json")) as Record<
      string,
      { value?: string; secret: boolean }
    >;
    return Object.fromEntries(
      Object.entries(answers).map(([key, { value, secret }]) => [key, { value: parsed(value), secret }]),
    );
  }
});

/** Values as a program parses them: Go escapes more than JavaScript where it writes JSON. */
type Comparable = Record<string, { value: unknown; secret: boolean }>;

/** What Pulumi shows of a configuration: of a secret nothing. */
function readable({ config, secretKeys }: Configuration): Comparable {
  return Object.fromEntries(
    Object.entries(config).map(([key, text]) => {
      const secret = secretKeys.includes(key);
      return [key, { value: secret ? undefined : parsed(text), secret }];
    }),
  );
}

function parsed(text: string | undefined): unknown {
  // A text that begins otherwise is compared as it is, numbers too.
  return text !== undefined && /^[{[]/.test(text) ? JSON.parse(text) : text;
}
