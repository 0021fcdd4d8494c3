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
import { answered } from "./answered";

/** The state knows the hook of deployed machines by this name: under a different name, they would have no hook. */
export const quorumGuardName = "etcd-quorum-guard";

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
    const verdict = await answered({
      heading: heading(target),
      refused: "must not go now",
      wait: own?.spec.quorumGuard.wait ?? 0,
      ask: () => this.inTurn(() => (own ? this.judge(own, target) : this.abandoned(target))),
      said: this.said,
    });
    if (verdict && !pulumi.runtime.isDryRun())
      void pulumi.log.info(`${heading(target)} may go: ${printable(verdict.because)}`);
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
