import { authoritiesGuardName, quorumGuardName } from "../../../components";
import { declaration } from "../../fixtures/declarations";
import { attachmentType, Deployment, instanceType, members, said, type Run } from "./deployment";

const deployment = new Deployment();
const { aws } = deployment;
/** With the settings as they are. */
let shared: Run;
beforeAll(async () => {
  await deployment.start();
  shared = deployment.run();
});
afterAll(async () => {
  await shared.end();
  await deployment.stop();
});
beforeEach(() => deployment.healthy());

const without = (...names: string[]) =>
  declaration("prod").members.filter(({ name }) => !names.includes(name));

test("every machine and attachment names the hook, and nothing else does", () => {
  expect(deployment.recording.hooks).toEqual([authoritiesGuardName, quorumGuardName]);
  const hooked = deployment.recording.resources.filter(
    ({ options, name }) => options.hooks && name !== "prod-authorities",
  );
  expect(hooked.map(({ type }) => type).sort()).toEqual([
    ...Array<string>(5).fill(instanceType),
    ...Array<string>(5).fill(attachmentType),
  ]);
  for (const { type, options } of hooked) {
    const beforeDelete = [quorumGuardName];
    const expected =
      type === attachmentType ? { beforeDelete } : { beforeDelete, beforeUpdate: [quorumGuardName] };
    expect(options.hooks).toEqual(expected);
  }
});

test("a member of a healthy cluster goes, and the next only once it is back as another machine", async () => {
  const { step } = shared;
  expect(await step(attachmentType, "member1")).toBe("allowed");
  expect(await step(instanceType, "member1")).toBe("allowed");
  const down = `member1: this deployment has just taken ${deployment.instanceOf("member1")} down`;
  expect(await step(attachmentType, "member2")).toContain(down);
  deployment.replaced("member1", "i-0123456789abcdef1");
  expect(await step(attachmentType, "member2")).toContain("i-0123456789abcdef1 has not reported yet");
  deployment.reports("member1", { instance: "i-0123456789abcdef1" });
  expect(await step(attachmentType, "member2")).toBe("allowed");
});

test("a changed instance type is guarded, a changed tag is not even asked about", async () => {
  deployment.reports("member3", { ready: false, etcd: "failed" });
  const { inputs } = deployment.resource(instanceType, "member1");
  const tags = { ...(inputs.tags as object), team: "other" };
  expect(await shared.step(instanceType, "member1", { ...inputs, tags })).toBe("allowed");
  expect(aws.asked).toEqual([]);
  expect(await shared.step(instanceType, "member1", { ...inputs, instanceType: "m7i.2xlarge" })).toMatch(
    /member3: etcd is not ready there, .*etcd.service is failed/,
  );
});

test("two machines asked for at the same moment: the second sees that the first is going", async () => {
  const answers = await Promise.all(
    ["member1", "member2"].map((member) => shared.step(attachmentType, member)),
  );
  expect(answers.filter((answer) => answer === "allowed")).toHaveLength(1);
  expect(answers.find((answer) => answer !== "allowed")).toContain("this deployment has just taken");
});

test("it waits until the members are well, and says in the deployment's output for whom", async () => {
  deployment.reports("member3", { ready: false });
  let looks = 0;
  aws.onCall = (action) => {
    if (action === "DescribeTargetHealth" && ++looks === 2) deployment.reports("member3");
  };
  const recording = await deployment.during({ quorumGuard: { wait: 5 } }, async (step) => {
    expect(await step(instanceType, "member1")).toBe("allowed");
  });
  expect(said(recording)).toMatch(
    /member1 of prod \(i-[0-9a-f]+\) waits, at most 5 min more:\n {2}- member3: etcd is not ready there/,
  );
  expect(said(recording)).toMatch(/ may go: 4 of the other 4 voters are healthy, the quorum of 5 is 3$/);
});

describe.each([
  ["in a preview", true],
  ["in an update", false],
])("refused %s, before anything is deleted:", (_, preview) => {
  test("two members dropped from the settings at once, asked for at the same moment", async () => {
    await deployment.during(
      { members: without("member4", "member5") },
      async (step) => {
        const answers = await Promise.all(
          ["member4", "member5"].map((member) => step(attachmentType, member)),
        );
        for (const answer of answers)
          for (const member of ["member4", "member5"])
            expect(answer).toMatch(
              new RegExp(`${member}: its machine i-[0-9a-f]+ would go, but members neither list it`),
            );
      },
      preview,
    );
  });

  test("one dropped without a replaces", async () => {
    const changed = [...without("member5"), { name: "member6", subnet: "b", address: "10.0.2.13" }];
    await deployment.during(
      { members: changed },
      async (step) => {
        for (const type of [attachmentType, instanceType])
          expect(await step(type, "member5")).toMatch(
            /neither list it nor name it in a replaces\n.*list a new member with `replaces: \{ name: member5 \}`/,
          );
      },
      preview,
    );
  });

  test("all addresses changed at once", async () => {
    const changed = declaration("prod").members.map((member) => ({
      ...member,
      address: member.address.replace(/\.1(\d)$/, ".2$1"),
    }));
    await deployment.during(
      { members: changed },
      async (step) => {
        const answer = await step(attachmentType, "member1");
        for (const member of members) expect(answer).toContain(`${member}: its address changes from `);
      },
      preview,
    );
  });
});

test("a cluster that the settings do not declare any more is refused", async () => {
  await deployment.during({ cluster: "other" }, async (step) => {
    for (const type of [attachmentType, instanceType])
      expect(await step(type, "member1")).toContain("its cluster prod is not declared by these settings");
  });
});

test("a preview tells what an update would wait for, once, and does not fail on it", async () => {
  deployment.reports("member3", { ready: false });
  const recording = await deployment.during(
    {},
    async (step) => {
      for (const member of ["member1", "member2"])
        for (const type of [attachmentType, instanceType]) expect(await step(type, member)).toBe("allowed");
    },
    true,
  );
  expect(said(recording)).toMatch(
    /^Quorum guard: member1 .* as it is now, pulumi up would wait:\n {2}- member3: etcd is not ready there.*\n.*$/,
  );
});

test("with deletionProtection: false nothing is asked and everything goes, as destroy needs it", async () => {
  await deployment.during({ deletionProtection: false }, async (step) => {
    for (const member of members)
      for (const type of [attachmentType, instanceType]) expect(await step(type, member)).toBe("allowed");
  });
  expect(aws.asked).toEqual([]);
});
