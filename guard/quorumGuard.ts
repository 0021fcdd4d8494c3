import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec } from "../spec";
import { decide, undeclared, withoutEvidence } from "./decision";
import type { EvidenceReader } from "./evidence";
import {
  boot,
  type Allowed,
  type Declared,
  type Evidence,
  type Recorded,
  type Target,
  type Verdict,
} from "./facts";
import { contradiction, machineOf, recordedOf, stops } from "./target";
import { changesVersion } from "./versionChange";
import { tagNames } from "../contract/tags";
import { printable } from "../text/printable";

/** The state knows the hook of deployed machines by this name: under a different name, they would have no hook. */
export const quorumGuardName = "etcd-quorum-guard";

/** Seconds between two looks at a cluster that the guard waits for, and between two lines about it. */
const lookEvery = 5;
const sayEvery = 60;

export interface QuorumGuardArgs {
  /** Name of the cluster's component: members' resources are called `<name>-<member>`. */
  name: string;
  spec: ClusterSpec;
  /** Whether a load balancer stands before the members. */
  balanced: boolean;
  /** Bucket of the cluster's backups; without one, no version changes. */
  bucket?: pulumi.Output<string>;
}

/**
 * The hook for every step that stops a member's machine, deletes it or takes its volume: on `beforeDelete` of
 * VolumeAttachment and Instance (a replacement detaches first), and on `beforeUpdate` of the Instance. It asks AWS for
 * the state of the members and decides with {@link decide}: it lets the step pass, waits, or fails it before anything
 * has happened. docs/quorum-guard.md says what it does when.
 *
 * @returns undefined under Pulumi's mocks, which have no hooks; an engine without hooks refuses the program
 */
export function quorumGuard(args: QuorumGuardArgs): pulumi.ResourceHook | undefined {
  const monitor = pulumi.runtime.getMonitor();
  if (typeof monitor?.registerResourceHook !== "function") return undefined;
  const guard = guards.get(monitor) ?? new QuorumGuard();
  guards.set(monitor, guard);
  guard.declared.set(args.spec.cluster, args);
  return guard.hook;
}

/** One guard per run of a program, because a hook's name is unique: a program may declare several clusters. */
const guards = new WeakMap<object, QuorumGuard>();

class QuorumGuard {
  readonly declared = new Map<string, QuorumGuardArgs>();
  readonly hook = new pulumi.ResourceHook(quorumGuardName, (args) => this.check(args), { onDryRun: true });
  /** By cluster. */
  private readonly allowed = new Map<string, Allowed>();
  /** Tags that machines had before this deployment changed them, by instance. */
  private readonly before = new Map<string, Readonly<Record<string, string | undefined>>>();
  private readonly said = new Set<string>();
  private reader?: EvidenceReader;
  private turn: Promise<unknown> = Promise.resolve();

  private async check(args: pulumi.ResourceHookArgs): Promise<void> {
    const { instance, tags } = machineOf(args);
    if (tags && !this.before.has(instance)) this.before.set(instance, tags);
    if (args.newInputs && !stops(args.oldInputs, args.newInputs)) return;
    const target = await this.target(args.name, instance);
    const own = this.declared.get(target.cluster);
    const deadline = performance.now() + (own?.spec.quorumGuard.wait ?? 0) * 60_000;
    for (let spoke = -Infinity; ; await sleep(lookEvery * 1000)) {
      const verdict = await this.inTurn(() => (own ? this.judge(own, target) : this.abandoned(target)));
      if (verdict.kind === "allow") return this.passed(target, verdict);
      if (pulumi.runtime.isDryRun()) return this.previewed(target, verdict);
      const now = performance.now();
      if (verdict.kind === "refuse" || now >= deadline) throw new Error(refusal(target, verdict));
      if (now - spoke < sayEvery * 1000) continue;
      spoke = now;
      const left = Math.ceil((deadline - now) / 60_000);
      void pulumi.log.info(`${heading(target)} waits, at most ${left} min more:\n${lines(verdict)}`);
    }
  }

  /** Whose machine it is: by its tags before this deployment, or by the name of its resource. */
  private async target(resource: string, instance: string): Promise<Target> {
    const named = [...this.declared.values()]
      .filter(({ name }) => resource.startsWith(`${name}-`))
      .map(({ name, spec }) => ({ cluster: spec.cluster, member: resource.slice(name.length + 1), spec }))
      // `a-b-member1` belongs to cluster a-b if both a and a-b exist.
      .sort((a, b) => a.member.length - b.member.length)[0];
    let tags = this.before.get(instance);
    let recorded: Recorded = tags ? recordedOf(tags) : {};
    if (tags === undefined && !(named && withoutEvidence(named.spec))) {
      const machine = await this.aws.machine(instance);
      if (machine) {
        tags = { [tagNames.cluster]: machine.cluster, [tagNames.member]: machine.member };
        recorded = machine.recorded;
      }
    }
    const tagged = { cluster: tags?.[tagNames.cluster], member: tags?.[tagNames.member] };
    const cluster = tagged.cluster || named?.cluster || resource;
    const member = tagged.member || named?.member || resource;
    const mistagged = named && contradiction(named, { cluster, member });
    return { cluster, member, instance, recorded, mistagged };
  }

  /** For a cluster that is not declared, AWS is asked only if its tags do not protect it already. */
  private async abandoned(target: Target): Promise<Verdict> {
    const unprotected = target.recorded.deletionProtection === false;
    return undeclared(target, unprotected ? await this.aws.cluster(target.cluster, false) : undefined);
  }

  private async judge(args: QuorumGuardArgs, target: Target): Promise<Verdict> {
    const declared = declaredOf(args);
    const allowed = this.allowed.get(target.cluster) ?? { boots: {}, changing: false };
    const asked = withoutEvidence(declared);
    if (asked) return asked;
    const evidence = await this.aws.cluster(target.cluster, args.balanced);
    const changes = !("problem" in evidence) && changesVersion({ declared, target, evidence, allowed });
    if (changes && !allowed.changing) evidence.backups = await this.backups(args);
    const verdict = decide({ declared, target, evidence, allowed });
    if (verdict.kind === "allow" && !("problem" in evidence) && !pulumi.runtime.isDryRun()) {
      // From now on the member counts as down, until its next machine or start reports otherwise.
      const machine = evidence.machines.find((each) => each.instance === target.instance);
      const boots = machine ? { ...allowed.boots, [target.member]: boot(machine) } : allowed.boots;
      this.allowed.set(target.cluster, { boots, changing: allowed.changing || verdict.changes === true });
    }
    return verdict;
  }

  private async backups({ bucket, spec }: QuorumGuardArgs): Promise<Evidence["backups"]> {
    if (bucket === undefined) return undefined;
    // In a preview the name may be unknown, and an unknown output never resolves.
    const name = await Promise.race([
      new Promise<string>((resolve) => bucket.apply(resolve)),
      sleep(10_000, undefined, { ref: false }),
    ]);
    if (name === undefined) return { problem: "the name of their bucket is not known yet", passing: true };
    return this.aws.backups(name, spec.backups.freshWithin);
  }

  /** AWS' SDK takes time to load: load it only if a machine is about to go. */
  private get aws(): EvidenceReader {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { EvidenceReader } = require("./evidence") as typeof import("./evidence");
    return (this.reader ??= new EvidenceReader());
  }

  /** Deletions at the end of an update run in parallel; decisions do not, so that each sees the one before. */
  private inTurn<T>(decision: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(decision);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private passed(target: Target, { because, warning }: Verdict & { kind: "allow" }): void {
    if (warning) void pulumi.log.warn(`${heading(target)}: ${printable(warning)}`);
    if (!pulumi.runtime.isDryRun()) void pulumi.log.info(`${heading(target)} may go: ${printable(because)}`);
  }

  /** A preview fails only on what waiting cannot fix. It reports the rest once. */
  private previewed(target: Target, verdict: Exclude<Verdict, { kind: "allow" }>): void {
    if (verdict.kind === "refuse" && verdict.inPreview) throw new Error(refusal(target, verdict));
    const text = lines(verdict);
    if (this.said.has(text)) return;
    this.said.add(text);
    const would = verdict.kind === "wait" ? "pulumi up would wait" : "pulumi up would be refused";
    void pulumi.log.warn(`${heading(target)}: as it is now, ${would}:\n${text}`);
  }
}

function declaredOf({ spec, balanced, bucket }: QuorumGuardArgs): Declared {
  const { cluster, environment, version, deletionProtection, members, restore, backups } = spec;
  return {
    ...{ cluster, environment, version, deletionProtection, balanced },
    generation: restore?.generation ?? 1,
    members: members.map(({ name, address, replaces }) => ({ name, address, replaces: replaces?.name })),
    backupFreshWithin: bucket && backups.freshWithin,
  };
}

function heading({ cluster, member, instance }: Target): string {
  return printable(`Quorum guard: ${member} of ${cluster} (${instance})`);
}

/** Removes control characters, because machines wrote part of this: none may reach a terminal or a log. */
function lines({ problems, remedy }: Exclude<Verdict, { kind: "allow" }>): string {
  return [...problems.map((problem) => `  - ${printable(problem)}`), printable(remedy)].join("\n");
}

function refusal(target: Target, verdict: Exclude<Verdict, { kind: "allow" }>): string {
  return `${heading(target)} must not go now:\n${lines(verdict)}\nNothing of it was touched. docs/quorum-guard.md says more, and how to override.`;
}
