import {
  backupStamp,
  desiredParameter,
  foundingParameter,
  incarnationKeys,
  manifestsPrefix,
  memberPkiParameters,
} from "../../contract/paths";
import { until } from "../../rehearse/until";
import { volumeLost } from "../faults/volumes";
import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";
import { hosts } from "../world/addresses";
import { generation } from "./restores";

/** Something that bash's arithmetic would run, that a terminal would obey, and that leads out of a path. */
const hostile = "a[$(touch /pwned)0]`touch /pwned`\u001b[2J/../../pwned";

export const hostileMember: Scenario = {
  name: "hostile-member",
  title: "root on one member's machine, with its role: its records, manifests and status move nobody else",
  async run(drill) {
    const { world, cluster } = drill;
    await drill.foundCluster();
    await cluster.etcdctl(drill.members, "put", "/kept", "yes");
    const [kept] = await drill.backups.manifests(1, await drill.backups.request());
    const stolen = drill.members[2]!;
    const others = drill.members.filter((member) => member !== stolen);
    const keys = incarnationKeys(world.estate.cluster, await cluster.incarnation());

    drill.doing(`${stolen} is taken over: what is not its own is refused`);
    const put = (Name: string, Value: string, Overwrite: boolean) =>
      ssm(drill, stolen, "PutParameter", { Name, Value, Type: "String", Overwrite });
    const first = others[0]!;
    const refusals: Record<string, () => Promise<string>> = {
      "another's status": () => put(keys.status(first), "{}", true),
      "another's mark": () => put(keys.started(2, first), "now", false),
      "another's word": () => put(keys.verified(2, first), "stopped", true),
      "a generation's record, over the one that is there": () => put(keys.generation(1), "{}", true),
      "what is declared": () => put(desiredParameter(world.estate.cluster), "{}", true),
      "what a generation is declared as": () => put(foundingParameter(world.estate.cluster, 2), "{}", false),
      "an operator's request": () => put(keys.backupRequest, "2026-01-01T00:00:00Z", true),
      "another's keys": () =>
        ssm(drill, stolen, "GetParametersByPath", {
          Path: memberPkiParameters(world.estate.cluster, first),
          WithDecryption: true,
        }),
      "a backup, over the one that is there": () => s3(drill, stolen, kept!.snapshot, "-T", "/etc/hostname"),
      "an end to a backup": () => s3(drill, stolen, kept!.snapshot, "-X", "DELETE"),
    };
    for (const [what, attempt] of Object.entries(refusals)) {
      const answer = await attempt();
      if (!answer.includes("AccessDenied")) throw new Error(`${what}: ${answer}`);
    }
    drill.seen({ what: `${Object.keys(refusals).length} attempts refused` });

    await drill.under(
      "a hostile status, manifest and generation are written; the others back up",
      async () => {
        await world
          .machine(stolen)
          .exec("systemctl", "stop", "etcd-follow", "etcd-watch", "etcd-refresh.timer");
        const status = await cluster.status(stolen, () => true);
        const told = { ...status, id: hostile, message: hostile, generation: hostile, oldData: [hostile] };
        const forged = JSON.stringify({ ...kept, snapshot: hostile, sha256: hostile, size: hostile });
        // Newer than any backup that is asked for meanwhile.
        const soon = new Date(Date.now() + 1_800_000);
        const written = [
          await put(keys.status(stolen), JSON.stringify(told), true),
          await put(keys.generation(2), JSON.stringify(planted(stolen)), false),
          await put(keys.started(2, stolen), hostile, false),
          await put(keys.verified(2, stolen), hostile, true),
          await s3(
            drill,
            stolen,
            `${manifestsPrefix}${backupStamp(soon)}.json`,
            "-X",
            "PUT",
            "-H",
            "If-None-Match: *",
            "-d",
            forged,
          ),
        ];
        const refused = written.filter((answer) => /AccessDenied|Exception/.test(answer));
        if (refused.length > 0) throw new Error(`a member's own: ${refused.join("; ")}`);
        const asked = await drill.backups.request();
        await until("a backup of another member", async () =>
          (await drill.backups.manifests(1, asked)).some(({ member }) => member !== stolen),
        );
      },
    );

    drill.doing("npm run verify and the guard name it");
    names("npm run verify", await drill.operator.verifyText(), stolen);
    names("the guard", await drill.guard.ask({}, first), stolen);

    drill.doing("a restore is declared whose record is planted: the cluster goes on");
    const snapshot = `s3://${world.estate.bucket}/${kept!.snapshot}`;
    await drill.stack.declare({ restore: { snapshot, generation: 2 } });
    for (const member of others)
      await cluster.says(member, `${keys.generation(2)} does not follow from`, "etcd-watch");
    await cluster.healthy();

    drill.doing("the machine and its disk are replaced, the restore has another number");
    const lost = volumeLost(stolen);
    await drill.inject(lost);
    await drill.stack.declare({ restore: { snapshot, generation: 3 } });
    const start = performance.now();
    await lost.heal(world);
    await generation(drill, 3);
    await cluster.healthy();
    drill.seen({ what: "restored all the same", timeToHealth: performance.now() - start });
    const value = await cluster.etcdctl(drill.members, "get", "/kept", "--print-value-only");
    if (value.trim() !== "yes") throw new Error("what was backed up is not back");
    for (const member of drill.members) await world.machine(member).exec("test", "!", "-e", "/pwned");
  },
};

/** A generation's record that would make one member the whole cluster. */
function planted(member: string): object {
  return {
    version: 1,
    token: "prod-2-0123456789abcdef",
    members: [{ name: member, url: "https://10.0.9.9:2380" }],
    createdBy: member,
  };
}

/** @throws Error unless the member is named, without anything that a terminal obeys */
function names(who: string, said: string, member: string): void {
  if (!said.includes(member)) throw new Error(`${who} does not name ${member}: ${said}`);
  if (said.includes("\u001b")) throw new Error(`${who} prints what a terminal obeys`);
}

/** Calls Parameter Store from a member's machine, with its role, and returns the answer, even a refusal. */
function ssm(drill: Drill, member: string, action: string, body: object): Promise<string> {
  return called(drill, member, 'ssm "$1" "$2" || true', action, JSON.stringify(body));
}

/** Does the same with an object of the backup bucket. */
function s3(drill: Drill, member: string, key: string, ...args: string[]): Promise<string> {
  return called(
    drill,
    member,
    'signed s3 "/$1" -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" "${@:2}" || true',
    `${drill.world.estate.bucket}/${key}`,
    ...args,
  );
}

function called(drill: Drill, member: string, script: string, ...args: string[]): Promise<string> {
  const sources =
    'programs=$(echo /usr/local/lib/etcd.*) && source "$programs/lib.sh" && source "$programs/aws.sh"';
  return drill.world
    .machine(member)
    .exec(
      "env",
      `AWS_ENDPOINT_URL=http://${hosts.services}`,
      "bash",
      "-c",
      `${sources}; ${script}`,
      "bash",
      ...args,
    );
}
