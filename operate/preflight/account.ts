import { GetRoleCommand, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { GetTopicAttributesCommand } from "@aws-sdk/client-sns";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { permissionsOf, type DeployStatement } from "../../plan/permissions/documents";
import { secretText } from "../../spec/secret";
import { parseArn } from "../../spec/aws/partitions";
import { ask } from "../aws";
import { look, NotKnown, type Finding } from "./finding";
import type { Account } from "./needs";

/**
 * ARN of whoever asks.
 * @throws SettingsError without credentials that count; AwsError if AWS does not answer
 */
export async function callerOf({ aws, signal }: Pick<Account, "aws" | "signal">): Promise<string> {
  const command = new GetCallerIdentityCommand({});
  const { Arn } = await ask("ask who deploys", signal, () => aws.sts.send(command, { abortSignal: signal }));
  return Arn!;
}

/** Who deploys, and who is told of alarms. */
export function accountLooks(account: Account, caller: string): Promise<Finding>[] {
  const { alarms } = account.needs.spec;
  return [...(alarms ? [topic(account, alarms.topicArn)] : []), permissions(account, caller)];
}

function topic({ aws, signal }: Account, TopicArn: string): Promise<Finding> {
  const missing = "name a topic that there is in etcd:alarms.topicArn";
  return look("alarm topic", TopicArn, { signal, missing }, async () => {
    if (TopicArn === secretText) throw new NotKnown("it is a secret: hand it in by --config");
    const command = new GetTopicAttributesCommand({ TopicArn });
    const { Attributes } = await aws.sns.send(command, { abortSignal: signal });
    const confirmed = Number(Attributes?.SubscriptionsConfirmed ?? 0);
    return { seen: `${confirmed} confirmed subscriptions`, problems: [] };
  });
}

/** How many actions a line names. */
const namedActions = 5;

/** Whether IAM allows whoever asks what `npm run plan -- --permissions` prints; by a sample of each statement's resources. */
function permissions({ needs, aws, signal }: Account, caller: string): Promise<Finding> {
  return look("permissions", caller, { signal }, async () => {
    const { account, resource } = parseArn(caller)!;
    if (resource === "root") return { seen: "root, to whom IAM refuses nothing", problems: [] };
    const PolicySourceArn = await principalOf(aws, caller, signal);
    const statements = Object.values(permissionsOf(needs.recording)).flatMap(({ Statement }) => Statement);
    const denied = new Set<string>();
    for (const statement of statements) {
      const command = new SimulatePrincipalPolicyCommand({
        PolicySourceArn,
        ...request(statement, account!),
      });
      const { EvaluationResults = [] } = await aws.iam.send(command, { abortSignal: signal });
      for (const { EvalActionName, EvalDecision } of EvaluationResults)
        if (EvalDecision !== "allowed") denied.add(EvalActionName!);
    }
    const actions = [...denied].sort();
    const more = actions.length > namedActions ? ` and ${actions.length - namedActions} more` : "";
    return {
      seen: `${statements.length} statements are allowed; ec2:RunInstances is not asked about`,
      problems:
        actions.length === 0
          ? []
          : [
              `not allowed: ${actions.slice(0, namedActions).join(", ")}${more}; attach what npm run plan -- --permissions prints`,
            ],
    };
  });
}

/** IAM knows the policies of a user or a role; a session is of a role, whose path its ARN does not say. */
async function principalOf(aws: Account["aws"], caller: string, signal: AbortSignal): Promise<string> {
  const [, RoleName] = /:assumed-role\/([^/]+)\//.exec(caller) ?? [];
  if (RoleName === undefined) return caller;
  const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName }), { abortSignal: signal });
  return Role!.Arn!;
}

/**
 * What the statement allows, asked about the first of its resources. IAM simulates RunInstances with all that a machine
 * is made of alone (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html), so it is left
 * out.
 */
function request({ Action, Resource, Condition = {} }: DeployStatement, account: string) {
  const [sample] = Resource;
  const tests = Object.values(Condition).flatMap((test) => Object.entries(test));
  return {
    ActionNames: Action.filter((action) => action !== "ec2:RunInstances"),
    ResourceArns: [sample === "*" ? sample : example(sample!, account)],
    ContextEntries: tests.map(([ContextKeyName, values]) => ({
      ContextKeyName,
      ContextKeyType: "string" as const,
      ContextKeyValues: [example([values].flat()[0]!, account)],
    })),
  };
}

/** What a pattern of names holds for. */
function example(pattern: string, account: string): string {
  return pattern
    .replace(/^(arn:[^:]*:[^:]*:[^:]*:)\*/, `$1${account}`)
    .replaceAll("?", "0")
    .replaceAll("*", "example");
}
