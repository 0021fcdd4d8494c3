import { until } from "../../until";
import type { Scenario } from "../scenario";
import { loseAndReplace } from "./members";

export const powerCut: Scenario = {
  name: "power-cut",
  title: "the power goes on one, two and all five machines: what was acknowledged is there",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
    for (const count of [1, 2, 5])
      await drill.under(`power cut of ${count}`, async () => {
        await drill.moreWrites(50);
        await drill.world.reset(drill.members.slice(0, count), "cutPower");
      });
  },
};

export const partition: Scenario = {
  name: "partition",
  title: "the leader, then a minority, is cut off from the others, and the cut is healed",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
    const { network } = drill.world;
    const cut = async (away: string[]) => {
      const rest = drill.members.filter((member) => !away.includes(member));
      const addresses = (members: string[]) => members.map((member) => drill.world.addressOf(member));
      await network.cut(addresses(away), addresses(rest));
      const led = await until(
        "a leader among the others",
        async () => {
          const leader = await drill.leader(rest).catch(() => undefined);
          return leader !== undefined && rest.includes(leader) && leader;
        },
        { every: 100 },
      );
      drill.doing(`${led} leads; the others are cut off`);
      await drill.moreWrites(50);
      await network.heal();
    };
    await drill.under("the leader is cut off and comes back", async () => cut([await drill.leader()]));
    await drill.under("a minority of two is cut off and comes back", () => cut(drill.members.slice(0, 2)));
  },
};

export const packetLoss: Scenario = {
  name: "packet-loss",
  title: "one packet in five of every member is lost",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
    await drill.under("20 % loss for a hundred writes", async () => {
      await drill.world.network.lose(drill.members.map((member) => drill.world.addressOf(member)));
      await drill.moreWrites(100);
      await drill.world.network.heal();
    });
  },
};

export const awsUnreachable: Scenario = {
  name: "aws-unreachable",
  title: "AWS and the mirror out of reach: a machine with data boots, one with an empty disk waits",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
    const { world } = drill;
    const [first, second] = drill.members as [string, string];
    await world.network.deafen(drill.members.map((member) => world.addressOf(member)));
    await drill.under("a machine reboots while AWS is out of reach", () => world.reset([first], "kill"));
    await drill.under("a machine with an empty disk waits until AWS is back", async () => {
      await loseAndReplace(drill, second);
      await drill.says(second, "cannot read", "etcd");
      await world.network.heal();
    });
  },
};

export const controlNoFsync: Scenario = {
  name: "control-no-fsync",
  title: "control: with fsync off, a power cut of all five is seen to cost data or the cluster",
  async run(drill) {
    await drill.found();
    const { world } = drill;
    drill.doing("etcd runs without fsync");
    for (const member of drill.members) {
      const machine = world.machine(member);
      const drop = "/run/systemd/system/etcd.service.d";
      const setting = "[Service]\\nEnvironment=ETCD_UNSAFE_NO_FSYNC=true\\n";
      await machine.exec("sh", "-c", `mkdir -p ${drop} && printf '${setting}' >${drop}/unsafe.conf`);
      await machine.exec("systemctl", "daemon-reload");
      await machine.exec("systemctl", "restart", "etcd");
      await drill.healthy();
    }
    await drill.startWriting();
    await drill.moreWrites(200);
    drill.doing("power cut of all five");
    await world.reset(drill.members, "cutPower");
    const harm = await drill.healthy(drill.members, 60_000).then(
      async () => {
        const { lost } = await drill.judge();
        return lost.length > 0 ? `${lost.length} acknowledged writes are lost` : undefined;
      },
      (error: Error) => `the cluster did not come back: ${error.message.slice(0, 80)}`,
    );
    if (harm === undefined)
      throw new Error("fsync was off, and the drill saw no harm: it would see none elsewhere");
    drill.seen({ what: `as it should be: ${harm}` });
  },
};
