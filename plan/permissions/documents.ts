import { ProgramError } from "../../record";
import { ofType, type Recording } from "../../record/recording";
import type { ClusterSpec } from "../../spec";
import { actionsByType, actionsOfCommands } from "./actions";
import { scopes, type Scope, type ScopeName } from "./scopes";

/** A statement in the deployer's policy. */
export interface DeployStatement extends Scope {
  Sid: string;
  Effect: "Allow";
  Action: string[];
}

export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: DeployStatement[];
}

/**
 * Characters that a managed policy may have, white space not counted
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
 */
export const longestPolicy = 6144;

/**
 * The least that `preflight`, `pulumi up`, `verify`, `backups` and `destroy` need for a recorded stack, as documents by
 * names for their managed policies: `prod-etcd-deploy-1` …, as many as {@link longestPolicy} makes necessary. Resources
 * are restricted to the stack's names or its tag.
 * @throws ProgramError for a resource type that has no row in the table of actions
 */
export function permissionsOf(recording: Recording): Record<string, PolicyDocument> {
  const [cluster] = ofType(recording, "etcd:index:EtcdCluster");
  if (cluster === undefined) throw new ProgramError(`stack ${recording.stack} declares no etcd cluster`);
  const stack = { recording, spec: cluster.inputs as unknown as ClusterSpec };
  const statements = [...actionsByScope(recording)].flatMap(([name, actions]) =>
    scopes[name](stack).map((scope: Scope, index): DeployStatement => ({
      Sid: index === 0 ? name : `${name}${index + 1}`,
      Effect: "Allow",
      Action: [...actions].sort(),
      ...scope,
    })),
  );
  return Object.fromEntries(
    inDocuments(statements).map((document, index) => [
      `${stack.spec.cluster}-etcd-deploy-${index + 1}`,
      document,
    ]),
  );
}

function actionsByScope(recording: Recording): Map<ScopeName, Set<string>> {
  const types = new Set(
    recording.resources.map(({ type }) => type).filter((type) => type.startsWith("aws:")),
  );
  const found = new Map<ScopeName, Set<string>>();
  for (const row of [...[...types].map(rowOf), actionsOfCommands])
    for (const [name, actions] of Object.entries(row) as [ScopeName, readonly string[]][])
      found.set(name, new Set([...(found.get(name) ?? []), ...actions]));
  return found;
}

function rowOf(type: string) {
  const row = actionsByType[type];
  if (row === undefined)
    throw new ProgramError(
      `${type}: no row says which actions deploy it; add one in plan/permissions/actions.ts`,
    );
  return row;
}

/** Fills as few documents as possible, with the statements in order. */
function inDocuments(statements: readonly DeployStatement[]): PolicyDocument[] {
  const documents: PolicyDocument[] = [];
  for (const statement of statements) {
    const last = documents.at(-1);
    const grown = documentOf([...(last?.Statement ?? []), statement]);
    if (last !== undefined && lengthOf(grown) <= longestPolicy) last.Statement.push(statement);
    else documents.push(documentOf([statement]));
  }
  return documents;
}

function documentOf(Statement: DeployStatement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement };
}

/** A document's characters as IAM counts them. */
export function lengthOf(document: PolicyDocument): number {
  return JSON.stringify(document).replace(/\s/g, "").length;
}
