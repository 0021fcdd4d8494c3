import { machineDies } from "../faults/machines";
import { commandsOf } from "../harness/runBook";
import type { Scenario } from "../harness/scenario";
import { frequentBackups } from "./backups";
import { storedAs } from "./upgrades";

/** Leaves out commands on a control plane's machine and for kubectl, which `control-plane` has, and Session Manager. */
export const runBooks: Scenario = {
  name: "run-books",
  title: "what the run-books tell an operator to type, as it is written there, with Pulumi's own engine",
  settings: { version: "3.5.35", ...frequentBackups },
  versions: ["3.5.35"],
  needs: ["pulumi"],
  async run(drill) {
    const all = drill.stack.declared;
    await drill.operator.edit({ members: all.slice(0, 3) });
    // The third asks of a VPC and quotas, which drills have none of.
    await drill.operator.follow("first-deployment", { blocks: [0, 1, 3, 4] });
    await drill.cluster.healthy();

    await drill.operator.follow("new-machine-image", { blocks: [0] });
    await drill.operator.edit({
      machine: { ...drill.stack.setting<object>("machine"), image: "ami-0fedcba9876543210" },
    });
    await drill.under("new machine image, three machines", () =>
      drill.operator.follow("new-machine-image", { blocks: [1, 2] }),
    );
    await drill.operator.follow("upgrade", { blocks: [0] });
    await drill.operator.edit(drill.stack.versionSettings("3.6.16"));
    await drill.under("upgrade, three machines", () => drill.operator.follow("upgrade", { blocks: [1, 2] }));
    await drill.under("downgrade, three machines", async () => {
      await storedAs(drill, "3.6.0");
      await drill.operator.follow("downgrade", { blocks: [0, 1] });
      await storedAs(drill, "3.5.0");
      await drill.operator.edit(drill.stack.versionSettings("3.5.35"));
      await drill.operator.follow("downgrade", { blocks: [2] });
    });

    await drill.operator.follow("scale-out", { blocks: [0] });
    await drill.operator.edit({ members: all });
    await drill.under("scale out", () => drill.operator.follow("scale-out", { blocks: [1, 2, 3] }));
    await drill.under("member3's machine is gone", async () => {
      await drill.operator.loseMachine("member3");
      await drill.operator.follow("replace-a-member", { blocks: [0] });
    });
    await drill.under("member3's machine hangs", async () => {
      // EC2 and Pulumi still know it.
      await drill.inject(machineDies("member3"));
      await drill.operator.follow("replace-a-member", { blocks: [1] });
    });
    await drill.under("member3's volume is gone", async () => {
      await drill.operator.loseMachine("member3", { withVolume: true });
      await drill.operator.follow("replace-a-member", { blocks: [2] });
    });
    const member6 = { name: "member6", subnet: "a", address: "10.0.1.16", replaces: { name: "member1" } };
    await drill.operator.edit({ members: [member6, ...all.slice(1)] });
    await drill.under("member6 for member1", () =>
      drill.operator.follow("replace-a-member", { blocks: [3] }),
    );
    await drill.operator.edit({
      members: drill.stack.declared.map((member) =>
        member.name === "member3" ? { ...member, fallback: true } : member,
      ),
    });
    await drill.under("another instance type for member3", () =>
      drill.operator.follow("new-instance-type", { blocks: [0] }),
    );

    await drill.operator.follow("back-up");
    await drill.under("out of space", () => drill.operator.follow("out-of-space"));
    await drill.under("defragmentation of one by hand", () =>
      drill.operator.follow("defragment", { blocks: [0, 1] }),
    );
    const leader = await drill.cluster.leader();
    const { id } = (await drill.cluster.list()).find(({ name }) => name !== leader)!;
    const machine = drill.world.machine(leader);
    await drill.operator.follow("defragment", { blocks: [2], machine, filledIn: { "8211f1d0f64f3269": id } });
    if ((await drill.cluster.leader()) === leader) throw new Error(`${leader} leads still`);

    drill.doing("what every run-book uses");
    await drill.operator.run(commandsOf("README")[1]!.replace(/^aws ssm start-session.*$/m, ""), machine);
  },
};
