import { until } from "../../rehearse/until";
import { parameterChanged } from "../faults/aws";
import { etcdStopped, machineDies } from "../faults/machines";
import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";

export const verified: Scenario = {
  name: "verify",
  title: "npm run verify is green on a healthy cluster, and names the cause on each broken one",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    await drill.backups.manifests(1);
    await says(drill, undefined);
    const [first, second, third] = drill.members as [string, string, string];

    await drill.during(machineDies(first), () =>
      says(drill, new RegExp(`${first}.*(last heard of|no machine|unhealthy)`)),
    );
    await says(drill, undefined);

    await drill.during(etcdStopped(second), () =>
      says(drill, new RegExp(`${second}.*(not ready|etcd.service is|unhealthy)`)),
    );
    await says(drill, undefined);

    const byHand = parameterChanged(drill.cluster.parameter("desired"), (desired) =>
      desired.replace(`"${third}"`, '"member9"'),
    );
    await drill.during(byHand, () => says(drill, /members: declared .*run pulumi up/));

    drill.doing("another version is declared than runs");
    await drill.stack.declare({ version: "3.6.15" });
    await says(drill, /runs etcd 3\.6\.16, declared is 3\.6\.15/);
    drill.seen({ what: "green when healthy; four causes named" });
  },
};

/** Waits until a verification finds this cause, or none. */
async function says(drill: Drill, cause: RegExp | undefined): Promise<void> {
  let said = "";
  await until(
    cause ? `verify to find ${String(cause)}` : "verify to find nothing",
    async () => {
      const { ok, checks } = await drill.operator.verify();
      said = checks
        .flatMap(({ check, subject, causes }) => causes.map((cause) => `${check} ${subject}: ${cause}`))
        .join("\n");
      return cause ? !ok && cause.test(said) : ok;
    },
    { within: 240_000, every: 1000 },
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it found:\n${said}`, { cause: error });
  });
}
