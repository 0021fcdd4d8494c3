import { commandsOf, follow } from "../runBook";
import type { Scenario } from "../scenario";
import { storedAs } from "./upgrades";

/** Left out are commands of a control plane's machine and for kubectl, which `control-plane` has, and Session Manager. */
export const runBooks: Scenario = {
  name: "run-books",
  title: "what the run-books tell an operator to type, as it is written there, with Pulumi's own engine",
  settings: { version: "3.5.35", backups: { interval: 5, retention: 30 } },
  versions: ["3.5.35"],
  needs: ["pulumi"],
  async run(drill) {
    const all = drill.declared;
    await drill.edit({ members: all.slice(0, 3) });
    await follow(drill, "first-deployment");
    await drill.healthy();

    await follow(drill, "new-machine-image", { blocks: [0] });
    await drill.edit({ machine: { ...drill.setting<object>("machine"), image: "ami-0fedcba9876543210" } });
    await drill.under("new machine image, three machines", () =>
      follow(drill, "new-machine-image", { blocks: [1, 2] }),
    );
    await follow(drill, "upgrade", { blocks: [0] });
    await drill.edit(drill.versionSettings("3.6.16"));
    await drill.under("upgrade, three machines", () => follow(drill, "upgrade", { blocks: [1, 2] }));
    await drill.under("downgrade, three machines", async () => {
      await storedAs(drill, "3.6.0");
      await follow(drill, "downgrade", { blocks: [0, 1] });
      await storedAs(drill, "3.5.0");
      await drill.edit(drill.versionSettings("3.5.35"));
      await follow(drill, "downgrade", { blocks: [2] });
    });

    await follow(drill, "scale-out", { blocks: [0] });
    await drill.edit({ members: all });
    await drill.under("scale out", () => follow(drill, "scale-out", { blocks: [1, 2, 3] }));
    await drill.under("member3's machine is gone", async () => {
      await drill.loseMachine("member3");
      await follow(drill, "replace-a-member", { blocks: [0] });
    });
    await drill.under("member3's machine hangs", async () => {
      // EC2 and Pulumi know of it still.
      await drill.world.end("member3", "kill");
      await follow(drill, "replace-a-member", { blocks: [1] });
    });
    await drill.under("member3's volume is gone", async () => {
      await drill.loseMachine("member3", { withVolume: true });
      await follow(drill, "replace-a-member", { blocks: [2] });
    });
    const member6 = { name: "member6", subnet: "a", address: "10.0.1.16", replaces: { name: "member1" } };
    await drill.edit({ members: [member6, ...all.slice(1)] });
    await drill.under("member6 for member1", () => follow(drill, "replace-a-member", { blocks: [3] }));
    await drill.edit({
      members: drill.declared.map((member) =>
        member.name === "member3" ? { ...member, fallback: true } : member,
      ),
    });
    await drill.under("another instance type for member3", () =>
      follow(drill, "new-instance-type", { blocks: [0] }),
    );

    await follow(drill, "back-up");
    await drill.under("out of space", () => follow(drill, "out-of-space"));
    await drill.under("defragmentation of one by hand", () =>
      follow(drill, "defragment", { blocks: [0, 1] }),
    );
    const leader = await drill.leader();
    const { id } = (await drill.list()).find(({ name }) => name !== leader)!;
    const machine = drill.world.machine(leader);
    await follow(drill, "defragment", { blocks: [2], machine, filledIn: { "8211f1d0f64f3269": id } });
    if ((await drill.leader()) === leader) throw new Error(`${leader} leads still`);

    drill.doing("what every run-book uses");
    await drill.operate(commandsOf("README")[1]!.replace(/^aws ssm start-session.*$/m, ""), machine);
  },
};
