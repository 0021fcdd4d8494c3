import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { declaredMembers } from "../../rehearse/declared";
import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";

export const rollOver: Scenario = {
  name: "roll-over",
  title:
    "machines that carry their programs in user data roll over to the bundle, one at a time, under the guard",
  foundsCluster: true,
  async run(drill) {
    const { world } = drill;
    const before = userDataBefore(drill);
    const machines = world.estate.machines.map((machine) => ({
      ...machine,
      userData: before(machine),
      // Roles were not limited to creating.
      role: {
        ...machine.role,
        statements: machine.role.statements.map((each) => ({ ...each, Condition: undefined })),
      },
    }));
    await world.declare({ ...world.estate, machines });
    await drill.foundCluster("five machines found a cluster by the user data of before");
    const bundles = async () => {
      const found = await Promise.all(
        drill.members.map((member) =>
          world.machine(member).exec("find", "/usr/local/lib", "-maxdepth", "1", "-name", "etcd.*"),
        ),
      );
      return found.filter((each) => each !== "").length;
    };
    if ((await bundles()) > 0) throw new Error("machines of before have a bundle");

    await drill.under("rolled over to the bundle", async () => {
      await drill.stack.declare({});
      await drill.roll({ before: (member) => drill.guard.allows(member) });
    });
    if ((await bundles()) < drill.members.length) throw new Error("not every machine has its bundle");
    const { checks } = await drill.operator.verify();
    const causes = checks.filter(({ check }) => check !== "backup").flatMap((each) => each.causes);
    if (causes.length > 0) throw new Error(`npm run verify finds ${causes.join("; ")}`);
  },
};

/** User data from a release before programs were in Parameter Store: member1's of the production stack. */
const kept = join(__dirname, "before", "userData.yaml.gz");

function userDataBefore({ stack }: Drill): (machine: { member: string; address: string }) => string {
  const text = gunzipSync(readFileSync(kept)).toString();
  const { mirror, checksums } = declaredMembers(stack.recording)[0]!.identity.etcd;
  return ({ member, address }) =>
    text
      .replaceAll("http://mirror.invalid/etcd", mirror)
      .replaceAll(/"amd64": "0{64}"/g, JSON.stringify(checksums).slice(1, -1))
      .replaceAll("10.0.1.11", address)
      .replaceAll("member1", member);
}
