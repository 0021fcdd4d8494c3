import * as pulumi from "@pulumi/pulumi";
import { authoritiesParameter } from "../contract/paths";
import type { AuthoritiesRecord } from "../contract/records";
import { readRecord } from "../contract/read";
import { authoritiesSchema } from "../contract/schemas";
import type { ClusterSpec } from "../spec";
import { answered } from "./answered";
import { authoritiesVerdict, withoutMembers, type AuthoritiesChange } from "./authorities";
import { withoutEvidence } from "./decision";
import type { EvidenceReader } from "./evidence";
import type { Verdict } from "./facts";

/** The state knows the hook of what is deployed by this name. */
export const authoritiesGuardName = "etcd-authorities-guard";

export interface AuthoritiesGuardArgs {
  /** Name of the record's resource. */
  resource: string;
  spec: Pick<ClusterSpec, "cluster" | "members" | "pki" | "deletionProtection" | "quorumGuard">;
}

/**
 * The hook for the record of declared CAs, which every certificate and bundle waits for: it refuses a step of a rotation
 * that members are not ready for, before any file of theirs has changed.
 *
 * @returns undefined under Pulumi's mocks, which have no hooks
 */
export function authoritiesGuard(args: AuthoritiesGuardArgs): pulumi.ResourceHook | undefined {
  const monitor = pulumi.runtime.getMonitor();
  if (typeof monitor?.registerResourceHook !== "function") return undefined;
  const guard = guards.get(monitor) ?? new AuthoritiesGuard();
  guards.set(monitor, guard);
  guard.declared.set(args.resource, args.spec);
  return guard.hook;
}

/** One guard per run of a program, because a hook's name is unique: a program may declare several clusters. */
const guards = new WeakMap<object, AuthoritiesGuard>();

class AuthoritiesGuard {
  readonly declared = new Map<string, AuthoritiesGuardArgs["spec"]>();
  readonly hook = new pulumi.ResourceHook(authoritiesGuardName, (args) => this.check(args), {
    onDryRun: true,
  });
  private readonly said = new Set<string>();
  private reader?: EvidenceReader;

  private async check({ name, oldInputs, newInputs }: pulumi.ResourceHookArgs): Promise<void> {
    const spec = this.declared.get(name)!;
    const { cluster, members, pki, quorumGuard } = spec;
    const change = {
      before: recordOf(cluster, oldInputs?.insecureValue),
      after: pki.authorities,
      made: recordOf(cluster, newInputs?.insecureValue),
      members,
    };
    await answered({
      heading: `Quorum guard: the CAs of ${cluster}`,
      refused: "must not change so now",
      wait: quorumGuard.wait,
      ask: () => this.judge(spec, change),
      said: this.said,
    });
  }

  private async judge(spec: AuthoritiesGuardArgs["spec"], change: AuthoritiesChange): Promise<Verdict> {
    const early = withoutEvidence(spec) ?? withoutMembers(change);
    if (early) return early;
    const [evidence, apiServers] = await Promise.all([
      this.aws.cluster(spec.cluster, false),
      this.aws.apiServers(spec.cluster),
    ]);
    return authoritiesVerdict(change, evidence, apiServers);
  }

  /** AWS' SDK takes time to load: load it only if members have to be asked. */
  private get aws(): EvidenceReader {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { EvidenceReader } = require("./evidence") as typeof import("./evidence");
    return (this.reader ??= new EvidenceReader());
  }
}

/** The record as a hook gets it; undefined if there is none, or if it is not known yet. */
function recordOf(cluster: string, value: unknown): AuthoritiesRecord | undefined {
  if (typeof value !== "string") return undefined;
  const { value: record, problem } = readRecord(authoritiesSchema, authoritiesParameter(cluster), value);
  if (problem !== undefined)
    throw new Error(`${problem}: nothing but Pulumi writes there; run pulumi refresh`);
  return record;
}
