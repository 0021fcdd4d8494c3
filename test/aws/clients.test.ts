import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import * as pulumi from "@pulumi/pulumi";
import { awsClients } from "../../aws/clients";
import { EvidenceReader } from "../../guard/evidence";
import { awsOf } from "../../operate/aws";
import { SettingsError } from "../../record/settingsError";

/** One request: what was asked, with whose access key, and of STS with which parameters. */
interface Asked {
  action: string;
  caller?: string;
  token?: string;
  form: Record<string, string>;
}

/** The clients of a stack of this configuration. */
function ofStack(config: Record<string, string>) {
  return awsOf({ stackFile: "Pulumi.prod.yaml", config: { "aws:region": "eu-central-1", ...config } });
}

let server: Server;
let home: string;
let asked: Asked[];
/** Answers a request in the stand-in's place, if set. */
let answer: ((response: ServerResponse) => void) | undefined;
const before = { ...process.env };

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "aws-clients-"));
  writeFileSync(
    join(home, "config"),
    "[profile deploys]\naws_access_key_id = AKPROFILE\naws_secret_access_key = secret\n",
  );
  writeFileSync(join(home, "token"), "token of a file");
  server = createServer((request, response) => void serve(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true });
});
beforeEach(() => {
  asked = [];
  answer = undefined;
  process.env = {
    ...before,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_CONFIG_FILE: join(home, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(home, "none"),
    AWS_ACCESS_KEY_ID: "AKENVIRONMENT",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_EC2_METADATA_DISABLED: "true",
  };
});
afterEach(() => (process.env = { ...before }));

/** Plays STS, whose access keys are called after their roles, and an empty Parameter Store. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
  const target = request.headers["x-amz-target"] as string | undefined;
  const form = target ? {} : Object.fromEntries(new URLSearchParams(body));
  const action = target?.split(".")[1] ?? form.Action ?? request.url!;
  const [, caller] = /Credential=([^/]+)/.exec(request.headers.authorization ?? "") ?? [];
  const token = request.headers["x-amz-security-token"] as string | undefined;
  asked.push({ action, caller, token, form });
  if (answer) return answer(response);
  if (!form.RoleArn) return void response.writeHead(400).end('{"__type":"ParameterNotFound"}');
  const name = form.RoleArn.split("/")[1]!;
  const credentials = `<AccessKeyId>AK${name}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
    <SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>`;
  response.end(
    `<${action}Response><${action}Result><Credentials>${credentials}</Credentials></${action}Result></${action}Response>`,
  );
}

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const getParameter = new GetParameterCommand({ Name: "/etcd/prod/desired" });
const keys = { "aws:accessKey": "AKSTATIC", "aws:secretKey": "secret" };

/** Both that ask AWS, each with a stack's configuration in the form that it has it in. */
const readers: [string, (config: Record<string, string>) => Promise<unknown>][] = [
  [
    "the guard",
    (config) => {
      pulumi.runtime.setAllConfig({ "aws:region": "eu-central-1", ...config });
      return new EvidenceReader().cluster("prod", false);
    },
  ],
  [
    "verify and backups",
    (config) =>
      ofStack(config)
        .ssm.send(getParameter)
        .catch(() => undefined),
  ],
];

describe.each(readers)("%s asks with", (_, read) => {
  const callers = async (config: Record<string, string>) => {
    await read(config);
    return asked.map(({ action, caller }) => `${action} ${caller}`);
  };

  test("what the SDK finds, where the stack says nothing", async () => {
    expect(await callers({})).toEqual(["GetParameter AKENVIRONMENT"]);
  });

  test("the stack's keys and session token", async () => {
    expect(await callers({ ...keys, "aws:token": "session" })).toEqual(["GetParameter AKSTATIC"]);
    expect(asked[0]!.token).toBe("session");
  });

  test("the stack's profile", async () => {
    // With both, the SDK warns that it may prefer these one day.
    delete process.env.AWS_ACCESS_KEY_ID;
    expect(await callers({ "aws:profile": "deploys" })).toEqual(["GetParameter AKPROFILE"]);
  });

  test("roles, each assumed by the one before, as what they demand", async () => {
    const roles = [
      { roleArn: role("FIRST"), sessionName: "of-first", externalId: "ours", sourceIdentity: "us" },
      { roleArn: role("SECOND"), tags: { team: "etcd" }, policyArns: ["arn:aws:iam::aws:policy/ReadOnly"] },
    ];
    const config = { ...keys, "aws:assumeRoles": JSON.stringify(roles) };
    expect(await callers(config)).toEqual([
      "AssumeRole AKSTATIC",
      "AssumeRole AKFIRST",
      "GetParameter AKSECOND",
    ]);
    const [first, second] = asked.map(({ form }) => form);
    expect(first).toMatchObject({ RoleSessionName: "of-first", ExternalId: "ours", SourceIdentity: "us" });
    expect(second).toMatchObject({
      "Tags.member.1.Key": "team",
      "Tags.member.1.Value": "etcd",
      "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnly",
    });
  });

  test.each([
    ["by token", { webIdentityToken: "token itself" }, "token itself"],
    ["by file", () => ({ webIdentityTokenFile: join(home, "token") }), "token of a file"],
  ])("a role of a web identity %s, which others are assumed by", async (_, given, token) => {
    const identity = typeof given === "function" ? given() : given;
    const assumed = { roleArn: role("WEB"), sessionName: "of-web", ...identity };
    const config = {
      "aws:assumeRoleWithWebIdentity": JSON.stringify(assumed),
      "aws:assumeRoles": JSON.stringify([{ roleArn: role("NEXT") }]),
    };
    expect(await callers(config)).toEqual([
      "AssumeRoleWithWebIdentity undefined",
      "AssumeRole AKWEB",
      "GetParameter AKNEXT",
    ]);
    expect(asked[0]!.form).toMatchObject({ WebIdentityToken: token, RoleSessionName: "of-web" });
  });
});

test.each([
  ["aws:assumeRoles", "[{", "aws:assumeRoles: is no JSON"],
  ["aws:assumeRoles", "{}", "aws:assumeRoles: {} must be of type array"],
  ["aws:assumeRoles", '[{"sessionName":"x"}]', "aws:assumeRoles: [0].roleArn is missing"],
  ["aws:assumeRoleWithWebIdentity", "secret", "aws:assumeRoleWithWebIdentity: is no JSON"],
  ["aws:s3UsePathStyle", '"yes"', 'aws:s3UsePathStyle: "yes" must be of type boolean'],
])("settings that are none are refused by their key: %s: %s", (key, value, problem) => {
  expect(() => ofStack({ [key]: value })).toThrow(new SettingsError(problem));
});

test.each([true, false, undefined])("aws:s3UsePathStyle: %s is honoured", (value) => {
  const { s3 } = ofStack(value === undefined ? {} : { "aws:s3UsePathStyle": String(value) });
  // Another endpoint than AWS' own is asked by path where nothing is said.
  expect(s3.config.forcePathStyle).toBe(value ?? true);
});

test("the clock is AWS', as it last answered", async () => {
  const aws = awsClients({ region: "eu-central-1" });
  expect(aws.now()).toBeNaN();
  for (const date of ["Tue, 24 Nov 2026 22:00:00 GMT", "Tue, 24 Nov 2026 22:00:05 GMT"]) {
    answer = (response) => response.writeHead(200, { date }).end("{}");
    await aws.ssm.send(getParameter);
    expect(aws.now()).toBe(Date.parse(date));
  }
});

test("a request that is never answered fails after 15 s, three times", async () => {
  const aws = awsClients({ region: "eu-central-1" });
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance", "Date"] });
  try {
    const failing = expect(aws.ssm.send(getParameter)).rejects.toMatchObject({ name: "TimeoutError" });
    for (let attempt = 1; attempt <= 3; attempt++) {
      let state = "not asked";
      answer = (response) => {
        state = "waited for";
        response.on("close", () => (state = "given up"));
      };
      await until(() => state === "waited for", 10);
      jest.advanceTimersByTime(12_000);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect([state, asked.length]).toEqual(["waited for", attempt]);
      jest.advanceTimersByTime(3_000);
      await until(() => state === "given up", 0);
    }
    await failing;
  } finally {
    jest.useRealTimers();
  }
});

/** Lets the network do its part, and so many milliseconds pass with every turn, until something is so. */
async function until(done: () => boolean, milliseconds: number): Promise<void> {
  while (!done()) {
    jest.advanceTimersByTime(milliseconds);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
