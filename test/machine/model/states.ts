/** What is explored: who founded what, what is declared one after the other, and how often what goes wrong. */
export interface Setting {
  name: string;
  members: number;
  /** Founders of each generation, from the first on, by their numbers. */
  founders: number[][];
  /** Generations that are declared, in order; the first is what runs. */
  declared: number[];
  crashes?: number;
  disks?: number;
  machines?: number;
  /** How often API servers come to a member, or go. */
  clients?: number;
  /** Whether a member may boot while AWS is out of reach, or read what was so before the last write. */
  cut?: boolean;
  stale?: boolean;
  /** Whether the newest must succeed with the most of its founders, once a member has stopped for it. */
  most?: boolean;
  /** Whether what is declared last may stay so, and all members end in one generation. */
  withdrawn?: boolean;
}

/** Words that a member leaves in a generation. */
export const [held, ready, stopped, started] = [1, 2, 3, 4];

// Fields of a member, and what comes after all of them.
export const [
  MARK,
  FOUNDING,
  WAL,
  NEWEST,
  GOING,
  VOTERS,
  PREPARED,
  UP,
  ALIVE,
  CLIENTS,
  STAGE,
  TARGET,
  FIELDS,
] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
export const [going, beginning] = [1, 2];
const generations = 3;

export const bits = (mask: number) => {
  let count = 0;
  for (let rest = mask; rest; rest &= rest - 1) count++;
  return count;
};

/** A cluster's state: bytes, so that states are told apart fast. */
export type State = Uint8Array;
export const key = (state: State) => Buffer.from(state.buffer).toString("latin1");

export class Broken extends Error {}

/** How a state lies in its bytes, and what can be told of it. */
export class States {
  protected readonly masks: number[];
  protected readonly words: number;
  protected readonly shared: number;

  constructor(readonly setting: Setting) {
    this.masks = [0, ...setting.founders.map((each) => each.reduce((mask, m) => mask | (1 << m), 0))];
    this.words = setting.members * FIELDS;
    this.shared = this.words + (generations + 1) * setting.members;
  }

  /** Generation 1 runs on its founders, the others are blank. */
  initial(): State {
    const { members, crashes = 0, disks = 0, machines = 0, clients = 0 } = this.setting;
    const state = new Uint8Array(this.shared + 20);
    for (let m = 0; m < members; m++) {
      this.set(state, m, ALIVE, 1);
      if (!(this.masks[1]! & (1 << m))) continue;
      for (const field of [MARK, NEWEST, UP]) this.set(state, m, field, 1);
      this.set(state, m, WAL, 2);
      this.say(state, 1, m, started);
    }
    state.set([0, 0, 0, 0, crashes, disks, machines, clients], this.shared);
    state[this.shared + 8] = 0;
    state[this.shared + 10] = this.masks[1]!;
    state[this.shared + 14] = 2;
    return state;
  }

  // Of what is shared: the last write (generation, member, word before) at 0, budgets from 4, position in the
  // declarations at 8, voters of each generation from 9, which records exist at 14.
  protected get(state: State, m: number, field: number) {
    return state[m * FIELDS + field]!;
  }
  protected set(state: State, m: number, field: number, value: number) {
    state[m * FIELDS + field] = value;
  }
  protected word(state: State, g: number, m: number, stale = false) {
    const { shared } = this;
    if (stale && state[shared] === g && state[shared + 1] === m) return state[shared + 2]!;
    return state[this.words + g * this.setting.members + m]!;
  }
  protected say(state: State, g: number, m: number, word: number) {
    const at = this.words + g * this.setting.members + m;
    if (state[at] === word) return;
    state.set([g, m, state[at]!], this.shared);
    state[at] = word;
  }
  protected declared(state: State) {
    return this.setting.declared[state[this.shared + 8]!]!;
  }
  protected voters(state: State, g: number) {
    return state[this.shared + 9 + g]!;
  }
  protected any(state: State, g: number, word: number, stale: boolean, mask = this.masks[g] ?? 0) {
    for (let m = 0; m < this.setting.members; m++)
      if (mask & (1 << m) && this.word(state, g, m, stale) >= word) return true;
    return false;
  }
  protected all(state: State, g: number, word: number, stale: boolean, mask: number) {
    for (let m = 0; m < this.setting.members; m++)
      if (mask & (1 << m) && this.word(state, g, m, stale) < word) return false;
    return true;
  }

  hasQuorum(state: State, g: number): boolean {
    const voters = this.voters(state, g);
    let up = 0;
    for (let m = 0; m < this.setting.members; m++)
      if (voters & (1 << m) && this.get(state, m, UP) === g) up++;
    return voters !== 0 && up > bits(voters) / 2;
  }

  check(state: State): void {
    const serving = [1, 2, 3].filter((g) => this.hasQuorum(state, g));
    if (serving.length > 1) throw new Broken(`generations ${serving.join(" and ")} both have a quorum`);
  }

  /** Whether all of these members are there. */
  areThere(state: State, mask = (1 << this.setting.members) - 1): boolean {
    for (let m = 0; m < this.setting.members; m++)
      if (mask & (1 << m) && !this.get(state, m, ALIVE)) return false;
    return true;
  }

  /** Whether the newest restore must succeed: all who found it are there, or the most and one has stopped for it. */
  mustSucceed(state: State): boolean {
    const newest = Math.max(...this.setting.declared);
    const founders = this.masks[newest]!;
    if (!this.setting.most || !this.any(state, newest, stopped, false)) return this.areThere(state, founders);
    let there = 0;
    for (let m = 0; m < this.setting.members; m++)
      if (founders & (1 << m)) there += this.get(state, m, ALIVE);
    return there > bits(founders) / 2;
  }

  /** Whether any generation must have a quorum, though API servers hold the newest up: it has begun, or nobody stopped. */
  mustServe(state: State): boolean {
    if (!this.areThere(state)) return false;
    const newer = [2, 3];
    if (newer.some((g) => this.any(state, g, started, false))) return true;
    for (let m = 0; m < this.setting.members; m++) if (this.get(state, m, GOING)) return false;
    return true;
  }

  /** Whether every member runs, and in one generation. */
  allServe(state: State): boolean {
    const one = this.get(state, 0, UP);
    for (let m = 0; m < this.setting.members; m++) if (this.get(state, m, UP) !== one) return false;
    return one !== 0;
  }
}
