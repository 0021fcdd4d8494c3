import type { Decide } from "./decisions";
import {
  ALIVE,
  beginning,
  bits,
  Broken,
  CLIENTS,
  FOUNDING,
  going,
  GOING,
  held,
  MARK,
  NEWEST,
  PREPARED,
  ready,
  STAGE,
  started,
  States,
  stopped,
  TARGET,
  UP,
  VOTERS,
  WAL,
  type Setting,
  type State,
} from "./states";

/** The cluster as it may go on: its members by what the programs decide, the rest by what may happen. */
export class Cluster extends States {
  constructor(
    setting: Setting,
    private readonly decide: Decide,
  ) {
    super(setting);
  }

  /** Every state that may follow. */
  next(state: State): State[] {
    const { members, cut = false, stale = false, declared } = this.setting;
    const found: State[] = [];
    const budget = this.shared + 4;
    const happen = (at: number, change: (copy: State) => void) => {
      if (state[budget + at] === 0) return;
      const copy = state.slice();
      copy[budget + at]!--;
      change(copy);
      found.push(copy);
    };
    if (state[this.shared + 8]! + 1 < declared.length) {
      const copy = state.slice();
      copy[this.shared + 8]!++;
      found.push(copy);
    }
    for (let m = 0; m < members; m++) {
      if (!this.get(state, m, ALIVE)) continue;
      for (const old of stale ? [false, true] : [false]) {
        const copy = state.slice();
        if (this.step(copy, m, old, true)) found.push(copy);
      }
      const down = !this.get(state, m, UP);
      if (cut && down && !this.get(state, m, STAGE)) {
        const copy = state.slice();
        if (this.step(copy, m, false, false)) found.push(copy);
      }
      const stop = (copy: State) => [UP, STAGE, TARGET].forEach((field) => this.set(copy, m, field, 0));
      if (!down || this.get(state, m, STAGE)) happen(0, stop);
      happen(1, (copy) => {
        stop(copy);
        [MARK, FOUNDING, WAL, NEWEST, GOING, VOTERS, PREPARED].forEach((field) =>
          this.set(copy, m, field, 0),
        );
      });
      happen(2, (copy) => {
        stop(copy);
        this.set(copy, m, ALIVE, 0);
      });
      happen(3, (copy) => this.set(copy, m, CLIENTS, 1 - this.get(copy, m, CLIENTS)));
    }
    return found;
  }

  /** The generation that a member goes by, as `generation` finds it. */
  private target(state: State, m: number, stale: boolean): number {
    const own = this.get(state, m, MARK);
    const gone = this.get(state, m, GOING);
    const declared = this.declared(state);
    const newest = Math.max(this.get(state, m, NEWEST), gone, declared);
    const candidates = [Math.max(declared, gone)];
    if (newest > candidates[0]!) candidates.unshift(newest);
    const unfinished = gone > own || (gone === own && !(this.get(state, m, WAL) & (1 << own)));
    if (gone < newest && gone > 0 && unfinished) candidates.unshift(gone);
    for (const [index, g] of candidates.entries()) {
      const last = index === candidates.length - 1;
      const began = this.any(state, g, started, stale);
      const facts = { last, began, stopped: this.any(state, g, stopped, stale), newest: g === newest };
      if (this.decide("goes_by", facts) === "no") continue;
      this.set(state, m, NEWEST, Math.max(g, this.get(state, m, NEWEST)));
      return g;
    }
    throw new Error("no generation to go by");
  }

  /** One step of a member's programs; whether anything changed. */
  step(state: State, m: number, stale: boolean, reached: boolean): boolean {
    const before = state.slice();
    const stage = this.get(state, m, STAGE);
    if (stage === going) this.go(state, m);
    else if (stage === beginning) this.begin(state, m);
    else if (this.get(state, m, UP)) this.watch(state, m, stale);
    else this.boot(state, m, stale, reached);
    return !Buffer.from(state.buffer).equals(before);
  }

  private watch(state: State, m: number, stale: boolean): void {
    const own = this.get(state, m, MARK);
    const target = this.target(state, m, stale);
    if (target <= own) return;
    // It remembers, and asks systemd once more.
    if (this.get(state, m, GOING) >= target) return this.set(state, m, UP, 0);
    this.agree(state, m, target, stale);
  }

  private agree(state: State, m: number, target: number, stale: boolean): void {
    const own = 1 << m;
    const founder = this.isFounder(state, m, target, stale);
    const facts = {
      began: this.any(state, target, started, stale),
      stopped: this.any(state, target, stopped, stale, this.masks[target]! | own),
      declared: this.declared(state) === target,
      founder,
      prepared: (this.get(state, m, PREPARED) & (1 << target)) !== 0,
      clients: this.get(state, m, CLIENTS) !== 0 && this.get(state, m, UP) !== 0,
      others: this.all(state, target, ready, stale, this.masks[target]! & ~own),
    };
    const word = this.decide("how_to_go_on", facts);
    const mayBeFirst = facts.declared && founder && facts.prepared && !facts.clients && facts.others;
    if (word === "go" && !facts.began && !facts.stopped && !mayBeFirst)
      throw new Broken(`member ${m} is the first to stop for generation ${target}, before all are ready`);
    if (word === "prepare") this.set(state, m, PREPARED, this.get(state, m, PREPARED) | (1 << target));
    else if (word === "hold") this.say(state, target, m, held);
    else if (word === "ready") this.say(state, target, m, ready);
    else if (word === "go") {
      this.set(state, m, STAGE, going);
      this.set(state, m, TARGET, target);
    }
  }

  private go(state: State, m: number): void {
    const [target, up] = [this.get(state, m, TARGET), this.get(state, m, UP)];
    this.set(state, m, STAGE, 0);
    this.set(state, m, TARGET, 0);
    this.set(state, m, GOING, target);
    this.set(state, m, VOTERS, up && this.hasQuorum(state, up) ? this.voters(state, up) : 0);
  }

  private boot(state: State, m: number, stale: boolean, reached: boolean): void {
    const own = this.get(state, m, MARK);
    const data = own > 0 && (this.get(state, m, WAL) & (1 << own)) !== 0;
    const known = Math.max(this.get(state, m, NEWEST), this.get(state, m, GOING));
    const asks = reached && (!data || Math.max(known, this.declared(state)) > own);
    const target = asks ? this.target(state, m, stale) : 0;
    const gone = this.get(state, m, GOING);
    const began = asks && this.any(state, target, started, stale);
    const how = this.decide("how_to_start", {
      data,
      stopped: gone > own,
      newer: asks ? target > own : known > own,
      reached: asks,
      began,
      founder: asks && this.isFounder(state, m, target, stale),
      declared: (this.masks[this.declared(state)]! & (1 << m)) !== 0,
    });
    if (how === "start") {
      if (!data) throw new Broken(`member ${m} starts without data`);
      if (gone > own) throw new Broken(`member ${m} starts generation ${own}, after it stopped for ${gone}`);
      if (asks && !stale && target > own && began)
        throw new Broken(`member ${m} starts generation ${own}, and can know that ${target} has begun`);
      this.set(state, m, UP, own);
    } else if (how !== "ask" && !asks) {
      throw new Broken(`member ${m} goes on, and does not know what is declared`);
    } else if (how === "found") this.found(state, m, target, stale);
    else if (how === "join" || how === "end") this.join(state, m, target, stale, how === "join", data);
  }

  private isFounder(state: State, m: number, g: number, stale: boolean): boolean {
    if (!(this.masks[g]! & (1 << m))) return false;
    if (this.get(state, m, MARK) === g) return this.get(state, m, FOUNDING) !== 0;
    // What it wrote itself long ago.
    return this.word(state, g, m, stale) < started;
  }

  private found(state: State, m: number, target: number, stale: boolean): void {
    if (target === 1) return;
    if (!(this.get(state, m, PREPARED) & (1 << target)))
      return this.set(state, m, PREPARED, this.get(state, m, PREPARED) | (1 << target));
    if (this.get(state, m, GOING) < target) return this.agree(state, m, target, stale);
    if (this.word(state, target, m) < stopped) return this.say(state, target, m, stopped);
    const voters = this.get(state, m, GOING) === target ? this.get(state, m, VOTERS) : 0;
    let [gone, between, silent] = [0, false, true];
    for (let g = this.get(state, m, MARK) + 1; g < target; g++)
      between ||= this.any(state, g, stopped, stale);
    const others = this.masks
      .slice(1, target)
      .reduce((mask, each) => mask | each, voters | this.masks[this.declared(state)]!);
    for (let each = 0; each < this.setting.members; each++) {
      const said = this.word(state, target, each, stale) >= stopped;
      if (voters & (1 << each) && said) gone++;
      const rest = others & ~this.masks[target]! & (1 << each);
      if (rest && !said && this.get(state, each, ALIVE)) silent = false;
    }
    const facts = {
      began: this.any(state, target, started, stale),
      between,
      voters: bits(voters),
      gone,
      founders: this.all(state, target, stopped, stale, this.masks[target]!),
      silent,
    };
    if (this.decide("may_begin", facts) === "no") return;
    this.set(state, m, STAGE, beginning);
    this.set(state, m, TARGET, target);
  }

  private begin(state: State, m: number): void {
    const target = this.get(state, m, TARGET);
    if (this.get(state, m, MARK) !== target) {
      if (this.word(state, target, m) === started)
        throw new Broken(`member ${m} founds generation ${target} a second time`);
      this.set(state, m, MARK, target);
      this.set(state, m, FOUNDING, 1);
    } else if (this.word(state, target, m) < started) this.say(state, target, m, started);
    else {
      this.set(state, m, WAL, this.get(state, m, WAL) | (1 << target));
      this.set(state, m, FOUNDING, 0);
      this.set(state, m, UP, target);
      this.set(state, m, STAGE, 0);
      this.set(state, m, TARGET, 0);
      const at = this.shared + 9 + target;
      if (state[at] === 0) state[at] = this.masks[target]!;
    }
  }

  private join(state: State, m: number, target: number, stale: boolean, joins: boolean, data: boolean): void {
    const own = this.get(state, m, MARK);
    if (data || this.get(state, m, GOING) > own) {
      if (this.get(state, m, GOING) < target) return this.set(state, m, GOING, target);
      if (this.word(state, target, m) < stopped) return this.say(state, target, m, stopped);
    }
    if (!joins) return;
    const began = this.any(state, target, started, stale);
    const over =
      this.any(state, target, stopped, stale, this.masks[target]! | (1 << m)) ||
      this.get(state, m, GOING) > own;
    if (this.decide("may_join", { began, stopped: over }) === "no") return;
    const serving = began ? target : [3, 2, 1].find((g) => g < target && this.any(state, g, started, stale));
    const g = serving ?? target;
    // Only those of a generation that has a quorum without it let it in.
    const up = this.hasQuorum(state, g);
    if (!up) return;
    state[this.shared + 9 + g]! |= 1 << m;
    this.set(state, m, MARK, g);
    this.set(state, m, FOUNDING, 0);
    this.set(state, m, WAL, this.get(state, m, WAL) | (1 << g));
    this.set(state, m, UP, g);
  }

  /**
   * As it is once nothing goes wrong any more.
   * @param at what stays declared: its place among those that are, one after the other
   * @param heldUp whether API servers stay connected
   */
  calm(from: State, at: number, heldUp: boolean): State {
    const state = from.slice();
    state.fill(0, this.shared, this.shared + 8);
    state[this.shared + 8] = at;
    for (let m = 0; m < this.setting.members; m++) this.set(state, m, CLIENTS, heldUp ? 1 : 0);
    return state;
  }

  /** One step of each member. */
  round(state: State): void {
    for (let m = 0; m < this.setting.members; m++)
      if (this.get(state, m, ALIVE)) this.step(state, m, false, true);
  }
}
