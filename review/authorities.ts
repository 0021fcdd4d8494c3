import { firstAuthorities, jumps } from "../contract/authorities";
import { ofType, type RecordedResource, type Recording } from "../record/recording";

type Declared = Parameters<typeof jumps>[0];

/** What is declared about CAs, against what was declared before. */
export interface AuthoritiesStep {
  cluster: Pick<RecordedResource, "name" | "urn">;
  /** Why it is more than one step of a rotation. */
  problems: string[];
}

/** Undefined without a cluster in both. */
export function authoritiesStep(before: Recording, after: Recording): AuthoritiesStep | undefined {
  const [was, cluster] = [clusterOf(before), clusterOf(after)];
  if (was === undefined || cluster === undefined) return undefined;
  return { cluster, problems: jumps(authoritiesOf(was), authoritiesOf(cluster)) };
}

function clusterOf(recording: Recording): RecordedResource | undefined {
  return ofType(recording, "etcd:index:EtcdCluster")[0];
}

/** Before there was a setting, each kind had its first CA. */
function authoritiesOf({ inputs }: RecordedResource): Declared {
  const declared = inputs.pki as { authorities: Declared } | undefined;
  return declared?.authorities ?? { peer: firstAuthorities, client: firstAuthorities };
}
