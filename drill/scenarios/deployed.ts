import { machineDies } from "../faults/machines";
import type { Scenario } from "../harness/scenario";

const pulumiUp = "pulumi up --stack prod --suppress-outputs";

export const deployed: Scenario = {
  name: "deployed",
  title: "Pulumi's own engine founds the cluster, rolls it to another version and is refused, guard live",
  settings: {
    version: "3.5.35",
    backups: { interval: 5, retention: 30 },
    // Minutes.
    quorumGuard: { wait: 10 },
  },
  versions: ["3.5.35"],
  needs: ["pulumi"],
  async run(drill) {
    const { world } = drill;
    const start = performance.now();
    await drill.operator.edit({});
    await drill.operator.run(pulumiUp);
    await drill.cluster.healthy();
    drill.seen({ what: "pulumi up founds the cluster", timeToHealth: performance.now() - start });
    drill.doing("the first backup: no version changes without one");
    await drill.backups.manifests(1);

    const before = await drill.cluster.list();
    const machines = world.instanceIds;
    await drill.operator.edit(drill.stack.versionSettings("3.6.16"));
    await drill.under("pulumi up: 3.5.35 → 3.6.16, five machines replaced", async () => {
      await drill.operator.run(pulumiUp);
    });
    if (JSON.stringify(await drill.cluster.list()) !== JSON.stringify(before))
      throw new Error("the list of members changed");
    const kept = drill.members.filter((member) => world.instanceIds[member] === machines[member]);
    if (kept.length > 0) throw new Error(`not replaced: ${kept.join(", ")}`);

    const last = drill.members.at(-1)!;
    await drill.inject(machineDies(last));
    await drill.cluster.balancerSays(last, "unhealthy");
    const standing = JSON.stringify(world.instanceIds);
    // Milliseconds; these flags are part of the user data.
    const settings = { quorumGuard: { wait: 0 }, timeouts: { heartbeat: 200, election: 2000 } };
    drill.doing("pulumi up would replace all");
    await drill.operator.edit(settings);
    const refusal = await drill.operator.run(pulumiUp).then(
      () => "it went on",
      (error: Error) => error.message,
    );
    if (!/Quorum guard: member1 .* must not go now/.test(refusal) || !refusal.includes(last))
      throw new Error(`not refused: ${refusal}`);
    if (JSON.stringify(world.instanceIds) !== standing) throw new Error("a machine was touched");
    await drill.cluster.etcdctl(drill.members.slice(0, -1), "endpoint", "health");
    drill.seen({ what: "a roll beside a dead member is refused; nothing is touched" });
  },
};
