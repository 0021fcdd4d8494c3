import { z } from "zod";
import { allowedActions } from "../../machine/allowedActions";
import type { Member } from "../resources/members";
import { rolePolicies } from "../resources/roles";
import { at, oneOrMany, shown, unknown, type Value } from "../resources/resource";
import { rule } from "../rule";

/** Actions that take no resource, from the table of what machines may do. */
const withoutResource = allowedActions({ parameterArnPrefix: "", cluster: "", member: "", keyArn: "" })
  .filter(({ Resource }) => Resource.includes("*"))
  .flatMap(({ Action }) => Action);

export const leastPrivilege = rule({
  name: "etcd-least-privilege",
  rule: "A member's role allows named actions only, and only on what belongs to the member",
  source: "AWS IAM: Apply least-privilege permissions; AWS Foundational Security Best Practices IAM.21",
  level: "mandatory",
  settings: z.strictObject({}),
  *check(stack) {
    for (const member of stack.clusters.flatMap(({ members }) => members)) {
      if (!member.instance) continue;
      const { known, documents, managed } = rolePolicies(member.instance, stack.resources);
      const { iamInstanceProfile } = member.instance.props;
      if (!known && iamInstanceProfile)
        yield {
          resource: member.instance,
          undecided: "the role of its instance profile is not in this stack",
        };
      const mend = "Allow named actions on named resources; machine/allowedActions.ts lists what is needed";
      for (const { resource, arn } of managed) {
        if (/\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w+FullAccess)$/.test(arn))
          yield { resource, problem: `${member.name}'s role has ${arn}`, mend };
      }
      for (const { resource, policy } of documents) {
        if (policy === unknown) {
          yield { resource, undecided: "its policy is a secret or known only after a deployment" };
          continue;
        }
        for (const problem of problemsOf(policy, member)) yield { resource, problem, mend };
      }
    }
  },
});

function* problemsOf(policy: Value, member: Member): Generator<string> {
  let document: Value;
  try {
    document = typeof policy === "string" ? (JSON.parse(policy) as Value) : policy;
  } catch {
    yield "its policy is not JSON";
    return;
  }
  for (const statement of oneOrMany(at(document, "Statement"))) {
    if (at(statement, "Effect") !== "Allow") continue;
    const actions = oneOrMany(at(statement, "Action")).map(shown);
    const resources = oneOrMany(at(statement, "Resource")).map(shown);
    const wild = actions.filter((action) => action.includes("*"));
    if (wild.length > 0 || at(statement, "NotAction") !== undefined)
      yield `${member.name}'s role allows ${wild.join(", ") || "all actions but some"}`;
    const unbounded = actions.filter((action) => !action.includes("*") && !withoutResource.includes(action));
    if ((resources.includes("*") || at(statement, "NotResource") !== undefined) && unbounded.length > 0)
      yield `${member.name}'s role allows ${unbounded.join(", ")} on every resource`;
    if (!actions.some((action) => /^ssm:GetParameter/.test(action))) continue;
    const readable = readableBy(member);
    const others = resources.filter(
      (resource) => resource !== "*" && !covers(readable, parameterOf(resource)),
    );
    if (others.length > 0) yield `${member.name}'s role reads ${others.join(", ")}, which is not its own`;
  }
}

/** The parameters that a member needs to read: its own secrets, and what is declared and reported about the cluster. */
function readableBy({ cluster, name }: Member): string[] {
  return allowedActions({ parameterArnPrefix: "", cluster, member: name, keyArn: "" })
    .filter(({ Action }) => Action.some((action) => action.startsWith("ssm:GetParameter")))
    .flatMap(({ Resource }) => Resource);
}

/** Whether one of the patterns equals this name or pattern, or covers all of it. */
function covers(patterns: string[], name: string): boolean {
  return patterns.some(
    (pattern) => pattern === name || (pattern.endsWith("/*") && name.startsWith(pattern.slice(0, -1))),
  );
}

/** The name or pattern of parameters in an ARN. */
function parameterOf(arn: string): string {
  return arn.slice(arn.indexOf(":parameter") + ":parameter".length);
}
