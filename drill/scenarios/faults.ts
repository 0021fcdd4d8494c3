import { until } from "../../rehearse/until";
import { powerCut, reset } from "../faults/machines";
import { awsOutOfReach, cutOff, packetLoss } from "../faults/network";
import { volumeLost } from "../faults/volumes";
import type { Scenario } from "../harness/scenario";

export const powerCuts: Scenario = {
  name: "power-cut",
  title: "the power goes on one, two and all five machines: what was acknowledged is there",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    for (const count of [1, 2, 5])
      await drill.under(`power cut of ${count}`, async () => {
        await drill.writer.moreWrites(50);
        await drill.during(powerCut(drill.members.slice(0, count)));
      });
  },
};

export const partition: Scenario = {
  name: "partition",
  title: "the leader, then a minority, is cut off from the others, and the cut is healed",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const cut = async (away: string[]) => {
      const rest = drill.members.filter((member) => !away.includes(member));
      await drill.during(cutOff(away, rest), async () => {
        const led = await until(
          "a leader among the others",
          async () => {
            const leader = await drill.cluster.leader(rest).catch(() => undefined);
            return leader !== undefined && rest.includes(leader) && leader;
          },
          { every: 100 },
        );
        drill.doing(`${led} leads`);
        await drill.writer.moreWrites(50);
      });
    };
    await drill.under("the leader is cut off and comes back", async () =>
      cut([await drill.cluster.leader()]),
    );
    await drill.under("a minority of two is cut off and comes back", () => cut(drill.members.slice(0, 2)));
  },
};

export const lossyNetwork: Scenario = {
  name: "packet-loss",
  title: "one packet in five of every member is lost",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    await drill.under("20 % loss for a hundred writes", () =>
      drill.during(packetLoss(drill.members), () => drill.writer.moreWrites(100)),
    );
  },
};

export const awsUnreachable: Scenario = {
  name: "aws-unreachable",
  title: "AWS and the mirror out of reach: a machine with data boots, one with an empty disk waits",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const [first, second] = drill.members as [string, string];
    const unreachable = awsOutOfReach(drill.members);
    await drill.inject(unreachable);
    await drill.under("a machine reboots while AWS is out of reach", () => drill.during(reset([first])));
    await drill.under("a machine with an empty disk waits until AWS is back", async () => {
      await drill.during(volumeLost(second));
      await drill.cluster.says(second, "waiting: Parameter Store", "etcd-install");
      await unreachable.heal(drill.world);
    });
  },
};

export const controlNoFsync: Scenario = {
  name: "control-no-fsync",
  title: "control: with fsync off, a power cut of all five is seen to cost data or the cluster",
  async run(drill) {
    await drill.foundCluster();
    drill.doing("etcd runs without fsync");
    for (const member of drill.members) {
      const machine = drill.world.machine(member);
      const drop = "/run/systemd/system/etcd.service.d";
      const setting = "[Service]\\nEnvironment=ETCD_UNSAFE_NO_FSYNC=true\\n";
      await machine.exec("sh", "-c", `mkdir -p ${drop} && printf '${setting}' >${drop}/unsafe.conf`);
      await machine.exec("systemctl", "daemon-reload");
      await machine.exec("systemctl", "restart", "etcd");
      await drill.cluster.healthy();
    }
    await drill.writer.start();
    await drill.writer.moreWrites(200);
    await drill.during(powerCut(drill.members));
    const harm = await drill.cluster.healthy(drill.members, 60_000).then(
      async () => {
        const { lost } = await drill.writer.judge();
        return lost.length > 0 ? `${lost.length} acknowledged writes are lost` : undefined;
      },
      (error: Error) => `the cluster did not come back: ${error.message.slice(0, 80)}`,
    );
    if (harm === undefined)
      throw new Error("fsync was off, and the drill saw no harm: it would see none elsewhere");
    drill.seen({ what: `as it should be: ${harm}` });
  },
};
