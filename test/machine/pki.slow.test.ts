import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { statusSchema } from "../../contract/schemas";
import type { StatusRecord } from "../../contract/records";
import { record } from "../../record";
import { loadStack, withSettings } from "../../record/project";
import { ofType, type Recording } from "../../record/recording";
import { reveal } from "../../record/values";
import { until } from "../../rehearse/until";
import { declaration, root } from "../fixtures/declarations";
import { incarnation, Machine } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";

const prefix = "/etcd/prod/pki/members/member1";
const status = `/etcd/prod/incarnations/${incarnation}/status/member1`;
const members = declaration("prod").members.map(({ name, address }, index) => ({
  id: `a${index + 1}`,
  name,
  address,
}));

/** What the program makes in the second step of a rotation: two CAs a use, of which the second issues. */
let recording: Recording;
let machine: Machine;

beforeAll(async () => {
  const second = { trusted: [1, 2], issuer: 2 };
  const settings = { pki: { authorities: { peer: second, client: second } } };
  recording = await record(withSettings(loadStack(root, "prod"), settings));
});

beforeEach(() => {
  machine = new Machine("member1", store);
  machines.push(machine);
  machine.mark({}, true);
  machine.clusterIs(members);
});

/** A member's file, as the program declares it. */
function file(name: string): string {
  const parameter = ofType(recording, "aws:ssm/parameter:Parameter").find(
    ({ inputs }) => inputs.name === `${prefix}/${name}`,
  )!;
  return String(reveal(parameter.inputs.value));
}

/** The certificates of a file: who they are by OpenSSL's reading. */
function certificates(pem: string): X509Certificate[] {
  return pem
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .filter((each) => each.includes("BEGIN"))
    .map((each) => new X509Certificate(each));
}

const sha256 = ({ fingerprint256 }: X509Certificate) => fingerprint256.replaceAll(":", "").toLowerCase();

function told(): StatusRecord | undefined {
  const text = store.values.get(status);
  return text === undefined ? undefined : statusSchema.parse(JSON.parse(text));
}

async function tells(what: string, is: (pki: StatusRecord["pki"]) => boolean): Promise<StatusRecord> {
  await until(
    () => `${what}: ${JSON.stringify(told()?.pki)} ${machine.log}`,
    () => {
      const now = told();
      return Promise.resolve(now !== undefined && is(now.pki));
    },
  );
  return told()!;
}

async function installed(changed: Record<string, string> = {}): Promise<void> {
  for (const name of ["peer-ca.crt", "peer.crt", "peer.key", "client-ca.crt", "server.crt", "server.key"])
    store.values.set(`${prefix}/${name}`, changed[name] ?? file(name));
  expect(await machine.start("certificates")).toBe(0);
}

test("tells what the running etcd trusts and serves, and not what lies there by now", async () => {
  const firstOnly = (name: string) => ({ [name]: file(name).split(/(?<=-----END CERTIFICATE-----\n)/)[0]! });
  await installed({ ...firstOnly("peer-ca.crt"), ...firstOnly("client-ca.crt") });
  expect(await machine.start("join")).toBe(0);
  void machine.start("follow", { STATUS_INTERVAL: "1" });
  const uses = [
    ["peer", "peer-ca.crt", "peer.crt"],
    ["client", "client-ca.crt", "server.crt"],
  ] as const;
  const { pki } = await tells("the CA that it trusts", (pki) => pki !== undefined);
  for (const [use, trusted, own] of uses) {
    const [first, second] = certificates(file(trusted)) as [X509Certificate, X509Certificate];
    const leaf = new X509Certificate(file(own));
    expect(leaf.checkIssued(second)).toBe(true);
    expect(pki![use]).toEqual({
      trusted: [sha256(first)],
      certificate: sha256(leaf),
      until: `${new Date(leaf.validTo).toISOString().slice(0, 19)}Z`,
      // It trusts another issuer than its certificate's, which it cannot name.
      issuer: undefined,
    });
  }

  await installed();
  const both = await tells("the issuer of what it serves", (pki) => pki?.peer.issuer !== undefined);
  for (const [use, trusted] of uses) {
    const [first, second] = certificates(file(trusted)).map(sha256);
    expect(both.pki![use]).toMatchObject({ trusted: [first], issuer: second });
  }

  expect(await machine.start("join")).toBe(0);
  const restarted = await tells("both CAs that it trusts", (pki) => pki?.peer.trusted.length === 2);
  for (const [use, trusted] of uses)
    expect(restarted.pki![use].trusted).toEqual(certificates(file(trusted)).map(sha256));
});

test("tells nothing while no etcd runs, or where the files are no certificates", async () => {
  await installed();
  void machine.start("follow", { STATUS_INTERVAL: "1" });
  machine.write("/run/etcd/flags", "");
  expect((await tells("the status", () => true)).pki).toBeUndefined();
  expect(await machine.start("join")).toBe(0);
  await tells("what it trusts", (pki) => pki !== undefined);
  await installed({ "server.crt": "no certificate\n" });
  await tells("nothing", (pki) => pki === undefined);
});

test("keeps what etcd reads at its start for root alone to change", async () => {
  await installed();
  expect(await machine.start("join")).toBe(0);
  for (const name of ["peer-ca.crt", "client-ca.crt"])
    expect(readFileSync(machine.path(`/run/etcd/loaded/${name}`), "utf8")).toBe(file(name));
});
