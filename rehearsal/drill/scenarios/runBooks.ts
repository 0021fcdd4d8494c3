import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defragNamespace, defragSecretKeys } from "../../../machine/defragmentation";
import { kubeconfig, type Drill } from "../drill";
import { worldDirectory } from "../../machines/space";
import { commandsOf } from "../runBook";
import type { Scenario } from "../scenario";
import { storedAs } from "./upgrades";

interface CronJob {
  spec: { schedule: string };
}

interface Secret {
  /** In base64. */
  data: Record<string, string>;
}

/**
 * Left out are commands for what is not there: a control plane's machines, and Session Manager.
 */
export const runBooks: Scenario = {
  name: "run-books",
  title: "what the run-books tell an operator to type, as it is written there, with Pulumi's own engine",
  settings: { version: "3.5.35", backups: { interval: 5, retention: 30 } },
  versions: ["3.5.35"],
  needs: ["pulumi", "kube-apiserver", "kubectl", "aws"],
  async run(drill) {
    const all = drill.declared;
    await drill.edit({ members: all.slice(0, 3) });
    await follow(drill, "first-deployment");
    await drill.healthy();

    await follow(drill, "new-machine-image", [0]);
    await drill.edit({ machine: { ...drill.setting<object>("machine"), image: "ami-0fedcba9876543210" } });
    await drill.under("new machine image, three machines", () => follow(drill, "new-machine-image", [1, 2]));
    await follow(drill, "upgrade", [0]);
    await drill.edit(drill.versionSettings("3.6.16"));
    await drill.under("upgrade, three machines", () => follow(drill, "upgrade", [1, 2]));
    await drill.under("downgrade, three machines", async () => {
      await storedAs(drill, "3.6.0");
      await follow(drill, "downgrade", [0, 1]);
      await storedAs(drill, "3.5.0");
      await drill.edit(drill.versionSettings("3.5.35"));
      await follow(drill, "downgrade", [2]);
    });

    await follow(drill, "scale-out", [0]);
    await drill.edit({ members: all });
    await drill.under("scale out", () => follow(drill, "scale-out", [1, 2, 3]));
    await drill.under("member3's machine is gone", async () => {
      await drill.loseMachine("member3");
      await follow(drill, "replace-a-member", [0]);
    });
    await drill.under("member3's machine hangs", async () => {
      // EC2 and Pulumi know of it still.
      await drill.world.end("member3", "kill");
      await follow(drill, "replace-a-member", [1]);
    });
    await drill.under("member3's volume is gone", async () => {
      await drill.loseMachine("member3", { withVolume: true });
      await follow(drill, "replace-a-member", [2]);
    });
    const member6 = { name: "member6", subnet: "a", address: "10.0.1.16", replaces: { name: "member1" } };
    await drill.edit({ members: [member6, ...all.slice(1)] });
    await drill.under("member6 for member1", () => follow(drill, "replace-a-member", [3]));
    await drill.edit({
      members: drill.declared.map((member) =>
        member.name === "member3" ? { ...member, fallback: true } : member,
      ),
    });
    await drill.under("another instance type for member3", () => follow(drill, "new-instance-type", [0]));

    await follow(drill, "back-up");
    await drill.under("out of space", () => follow(drill, "out-of-space"));
    await drill.under("defragmentation of one by hand", () => follow(drill, "defragment", [0, 1]));
    await defragmentationByCronJob(drill);

    await drill.edit({ restore: { snapshot: "latest", generation: 2 } });
    // Between them the API servers are stopped, and after them they are started: there are none here.
    await follow(drill, "restore", [0, 2]);
    await drill.healthy();
    drill.seen({ what: "restore" });
    for (const member of ["member2", "member3", "member4"])
      await drill.loseMachine(member, { withVolume: true });
    await drill.edit({ restore: { snapshot: "latest", generation: 3 } });
    await follow(drill, "majority-lost", [0, 2]);
    await drill.healthy();
    drill.seen({ what: "majority lost" });
  },
};

/** Both ways to bring the CronJob to the Kubernetes cluster: its Secret opens etcd. */
async function defragmentationByCronJob(drill: Drill): Promise<void> {
  const schedule = "30 2 * * 0";
  await drill.startApiServer();
  for (const [defragmentation, blocks] of [
    [{ schedule }, [3, 5, 4]],
    [{ schedule, kubeconfig }, [3, 4]],
  ] as const) {
    await drill.edit({ defragmentation });
    await follow(drill, "defragment", blocks);
    const kubectl = (command: string) => drill.operate(`kubectl --namespace ${defragNamespace} ${command}`);
    const { spec } = JSON.parse(await kubectl("get cronjob etcd-prod --output json")) as CronJob;
    if (spec.schedule !== schedule) throw new Error(`the CronJob's schedule is ${spec.schedule}`);
    const { data } = JSON.parse(await kubectl("get secret etcd-prod --output json")) as Secret;
    const directory = mkdtempSync(join(worldDirectory, "secret-"));
    const [ca, cert, key] = Object.values(defragSecretKeys).map((name) => {
      const file = join(directory, name);
      writeFileSync(file, Buffer.from(data[name]!, "base64"), { mode: 0o600 });
      return file;
    }) as [string, string, string];
    await drill.etcdctlAs({ ca, cert, key }, drill.members, "endpoint", "health");
    await kubectl("delete cronjob,secret etcd-prod");
  }
  await drill.apiServer!.stop();
}

/** @param blocks which of its blocks of commands; all without */
async function follow(drill: Drill, name: string, blocks?: readonly number[]): Promise<void> {
  const commands = commandsOf(name);
  for (const block of blocks ?? commands.keys()) {
    const text = commands[block]!;
    drill.doing(`${name}: ${text.split("\n").join("; ")}`);
    await drill.operate(text, /^ *sudo /m.test(text) ? drill.members.at(-1) : undefined);
  }
}
