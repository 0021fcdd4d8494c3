import { Cluster } from "./cluster";
import type { Decide } from "./decisions";
import { Broken, key, type Setting, type State } from "./states";

const abc = [0, 1, 2];

/** Each is explored whole; the small ones first, as they catch most of what is missing. */
export const settings: Setting[] = [
  { name: "other members", members: 3, founders: [[0, 1], [2]], declared: [1, 2], machines: 2, crashes: 1 },
  { name: "fewer members", members: 3, founders: [abc, [0]], declared: [1, 2, 1], crashes: 2, cut: true },
  { name: "a founder gone", members: 3, founders: [abc, abc], declared: [1, 2], machines: 1, most: true },
  { name: "two of three", members: 3, founders: [abc, [0, 1]], declared: [1, 2], stale: true },
  { name: "AWS out of reach", members: 3, founders: [abc, abc], declared: [1, 2], crashes: 1, cut: true },
  { name: "more members", members: 3, founders: [[0], abc], declared: [1, 2], crashes: 1, disks: 1 },
  { name: "held up", members: 3, founders: [abc, abc], declared: [1, 2], crashes: 2 },
  { name: "stale reads", members: 3, founders: [abc, abc], declared: [1, 2], crashes: 1, stale: true },
  { name: "withdrawn", members: 3, founders: [abc, abc], declared: [1, 2, 1], crashes: 1, withdrawn: true },
  { name: "a machine gone", members: 3, founders: [abc, abc], declared: [1, 2], machines: 1, crashes: 1 },
  { name: "one restore", members: 3, founders: [abc, abc], declared: [1, 2], crashes: 1, clients: 1 },
  { name: "a disk lost", members: 3, founders: [abc, abc], declared: [1, 2], disks: 1, crashes: 1 },
  { name: "two in a row", members: 3, founders: [abc, abc, abc], declared: [1, 2, 3] },
];

/** Every state that can come about; throws where one must not. */
export function explore(setting: Setting, decide: Decide, most = 400_000): number {
  const cluster = new Cluster(setting, decide);
  const first = cluster.initial();
  const seen = new Set([key(first)]);
  const settled = new Map<string, boolean>();
  const open: State[] = [first];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    cluster.check(state);
    ends(cluster, state, settled);
    for (const next of cluster.next(state)) {
      const name = key(next);
      if (seen.has(name)) continue;
      seen.add(name);
      open.push(next);
    }
    if (seen.size > most) throw new Error(`${setting.name}: more than ${most} states`);
  }
  return seen.size;
}

/**
 * None is stuck: once nothing goes wrong any more, the newest restore succeeds where all its founders are there; if API
 * servers hold it up, one that has begun serves, or the old one; and where it is withdrawn, all end in one generation.
 */
function ends(cluster: Cluster, from: State, known: Map<string, boolean>): void {
  const { declared, withdrawn = false } = cluster.setting;
  const newest = Math.max(...declared);
  const at = declared.lastIndexOf(newest);
  const comes = (heldUp: boolean, place: number, to: (state: State) => boolean) =>
    comesTo(to, cluster, cluster.calm(from, place, heldUp), known);
  if (cluster.mustSucceed(from) && !comes(false, at, (state) => cluster.hasQuorum(state, newest)))
    throw new Broken("it is stuck");
  const serves = (state: State) => [1, 2, 3].some((generation) => cluster.hasQuorum(state, generation));
  if (cluster.mustServe(from) && !comes(true, at, serves))
    throw new Broken("nothing serves, as API servers hold up what is new");
  if (withdrawn && !comes(false, declared.length - 1, (state) => cluster.allServe(state)))
    throw new Broken("a member is left behind by what was withdrawn");
}

/** Whether it is so once nothing changes any more. */
function comesTo(
  what: (state: State) => boolean,
  cluster: Cluster,
  state: State,
  known: Map<string, boolean>,
): boolean {
  const way: string[] = [];
  let name = key(state);
  for (let before = ""; name !== before && !known.has(name); name = key(state)) {
    way.push((before = name));
    cluster.round(state);
    if (way.length > 200) throw new Broken("it never comes to rest");
  }
  if (!known.has(name)) {
    cluster.check(state);
    known.set(name, what(state));
  }
  const does = known.get(name)!;
  for (const each of way) known.set(each, does);
  return does;
}

/** A walk of so many steps, by numbers that follow from the seed (mulberry32). */
export function walk(setting: Setting, decide: Decide, seed: number, steps: number): void {
  let number = seed;
  const random = (below: number) => {
    number = (number + 0x6d2b79f5) | 0;
    let mixed = Math.imul(number ^ (number >>> 15), 1 | number);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
  const cluster = new Cluster(setting, decide);
  let state = cluster.initial();
  for (let step = 0; step < steps; step++) {
    const all = cluster.next(state);
    if (all.length === 0) break;
    state = all[random(all.length)]!;
    cluster.check(state);
  }
  ends(cluster, state, new Map());
}
