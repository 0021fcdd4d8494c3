import { readRecord } from "../../../contract/read";
import type { AuthoritiesRecord, StatusRecord } from "../../../contract/records";
import { authoritiesSchema } from "../../../contract/schemas";
import { record } from "../../../record";
import type { Issued } from "../../../record/issuer";
import { loadStack, withSettings } from "../../../record/project";
import type { RecordedResource, Recording } from "../../../record/recording";
import { reveal } from "../../../record/values";
import { root } from "../../fixtures/declarations";
import { Deployment, members, said } from "./deployment";

const deployment = new Deployment();
/** As a stack's state keeps it: the CAs are the same in each run. */
const kept = new Map<string, Issued>();

beforeAll(() => deployment.start());
afterAll(() => deployment.stop());
beforeEach(() => deployment.healthy());

type Uses = { trusted: number[]; issuer: number };

function program(uses: Uses, wait = 0) {
  const settings = { quorumGuard: { wait }, pki: { authorities: { peer: uses, client: uses } } };
  return withSettings(loadStack(root, "prod"), settings);
}

const recordOf = ({ resources }: Recording): RecordedResource =>
  resources.find(({ name }) => name === "prod-authorities")!;

/** Every member reports that it trusts all CAs of a record, and shows certificates of one. */
function allReport(declared: AuthoritiesRecord, issuer: number, members_ = members): void {
  const use = ({ trusted }: AuthoritiesRecord["peer"]) => ({
    trusted: trusted.map(({ sha256 }) => sha256),
    certificate: "f".repeat(64),
    until: "2027-11-24T22:00:00Z",
    issuer: trusted.find(({ number }) => number === issuer)!.sha256,
  });
  const pki: StatusRecord["pki"] = { peer: use(declared.peer), client: use(declared.client) };
  for (const member of members_) deployment.reports(member, { pki });
}

const deployed = new Map<Uses, Promise<Recording>>();

/** What was declared before. */
function recorded(uses: Uses): Promise<Recording> {
  const known = deployed.get(uses) ?? record(program(uses), { issuer: { kept } });
  deployed.set(uses, known);
  return known;
}

/** What the hook answers to the second declaration after the first, as the engine asks it. */
async function step(
  from: Uses | undefined,
  to: Uses,
  reports: (declared: AuthoritiesRecord) => void = () => undefined,
  preview = false,
): Promise<{ answer: string; told: string }> {
  const before = from && recordOf(await recorded(from)).inputs;
  if (before) {
    const text = String(reveal(before.insecureValue));
    reports(readRecord(authoritiesSchema, "authorities", text).value!);
  }
  let answer = "not asked";
  const recording = await record(program(to), {
    issuer: { kept },
    preview,
    atEnd: async (made, callHook) => {
      const { urn, id, name, type, inputs, options } = recordOf(made);
      const [hook] = options.hooks![before ? "beforeUpdate" : "beforeCreate"]!;
      const call = { urn, id: id ?? "", name, type, oldInputs: before, newInputs: inputs };
      answer = (await callHook(hook!, call)).error ?? "allowed";
    },
  });
  return { answer, told: said(recording) };
}

const first = { trusted: [1], issuer: 1 };
const second = { trusted: [1, 2], issuer: 1 };
const third = { trusted: [1, 2], issuer: 2 };
const last = { trusted: [2], issuer: 2 };

test("a new cluster is founded without a look at anything", async () => {
  expect((await step(undefined, first)).answer).toBe("allowed");
  expect(deployment.aws.asked).toEqual([]);
});

test("each of the three steps is allowed once members are ready for it", async () => {
  expect((await step(first, second)).answer).toBe("allowed");
  expect(deployment.aws.asked).toEqual([]);
  const issues = await step(second, third, (declared) => allReport(declared, 1));
  expect(issues.answer).toBe("allowed");
  expect(issues.told).toContain("each has to run with the ca.crt of now");
  expect((await step(third, last, (declared) => allReport(declared, 2))).answer).toBe("allowed");
});

test("a step that members are not ready for is refused, with what to do", async () => {
  const unready = (declared: AuthoritiesRecord) => {
    allReport(declared, 1);
    deployment.reports("member3", { pki: undefined });
  };
  const { answer } = await step(second, third, unready);
  expect(answer).toMatch(
    /^Quorum guard: the CAs of prod must not change so now:\n {2}- member3: it does not/,
  );
  expect(answer).toContain("Nothing of it was touched.");
  expect((await step(third, last, unready)).answer).toContain(
    "member1: its etcd shows a certificate for peers that was issued by CA 1",
  );
});

test("a preview says what is missing, and fails on a jump", async () => {
  const { answer, told } = await step(second, third, undefined, true);
  expect(answer).toBe("allowed");
  expect(told).toContain("as it is now, pulumi up would wait:\n  - member1: it does not tell what it trusts");
  expect((await step(first, last, undefined, true)).answer).toContain("changes two things at once");
  expect((await step(first, third, undefined, true)).answer).toContain("changes two things at once");
});
