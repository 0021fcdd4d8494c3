import { backupRestore } from "../drill/measurements/backupRestore";
import { table } from "../text/table";
import { onGround } from "./ground";
import { median, spread } from "./measure";

/** Backup and restore of a store of 1 GB, beside the same with etcd's own tools by hand. */
export async function benchBackupRestore(): Promise<string> {
  const { seen } = await (await onGround([backupRestore]))(backupRestore);
  const all = (what: string) => seen.filter((each) => each.what === what);
  const time = (what: string) => all(what).map(({ timeToHealth }) => timeToHealth!);
  const p99 = (what: string) => all(what).map((each) => each.p99!);
  const ratio = (one: number[], other: number[]) => (median(one) / median(other)).toFixed(2);
  const [save, backup] = ["etcdctl snapshot save", "backup"];
  const [byHand, prepared, down] = [
    "etcdutl snapshot restore and start",
    "restore: prepared",
    "restore: API servers down",
  ];
  const sum = (one: string, other: string) => time(one).map((each, round) => each + time(other)[round]!);
  const [declared, withDownload] = [sum(prepared, down), sum("download", byHand)];
  return table(undefined, [
    [`writers' p99 during ${save}`, spread(p99(save))],
    ["writers' p99 during a backup", spread(p99(backup))],
    ["ratio", `${ratio(p99(backup), p99(save))} (wanted: at most 1.2)`],
    [byHand, spread(time(byHand))],
    ["a declared restore, while the API servers are down", spread(time(down))],
    ["ratio", `${ratio(time(down), time(byHand))} (wanted: at most 1.3)`],
    [`the snapshot's download, ${byHand}`, spread(withDownload)],
    ["a declared restore from the declaration on", spread(declared)],
    ["ratio", ratio(declared, withDownload)],
    [`ratio to ${byHand} alone`, ratio(declared, time(byHand))],
  ]);
}
