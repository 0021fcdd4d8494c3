import type * as pulumi from "@pulumi/pulumi";
import { tagNames } from "../contract/tags";
import type { Recorded, Target } from "./facts";

type Inputs = Readonly<Record<string, unknown>>;
type Tags = Readonly<Record<string, string | undefined>>;

/** What the tags of a machine say about its last deployment. */
export function recordedOf(tags: Tags): Recorded {
  const generation = tags[tagNames.generation];
  const protection = tags[tagNames.deletionProtection];
  return {
    environment: tags[tagNames.environment],
    version: tags[tagNames.version],
    generation: generation === undefined ? undefined : Number(generation),
    deletionProtection: protection === undefined ? undefined : protection !== "false",
  };
}

/** Where a machine's tags, which can be changed by hand, name a different member than the program does. */
export function contradiction(
  named: Pick<Target, "cluster" | "member">,
  tagged: Pick<Target, "cluster" | "member">,
): string | undefined {
  const of = ({ cluster, member }: typeof named) => `${member} of ${cluster}`;
  return of(named) === of(tagged)
    ? undefined
    : `its machine's tags say that it is ${of(tagged)}, the program deploys it as ${of(named)}`;
}

/** The machine that a hook is called for: from the instance, which has tags, or from its attachment, which has none. */
export function machineOf({ type, id, oldInputs = {} }: pulumi.ResourceHookArgs): {
  instance: string;
  tags?: Tags;
} {
  return type === "aws:ec2/instance:Instance"
    ? { instance: id, tags: (oldInputs.tags ?? {}) as Tags }
    : { instance: String(oldInputs.instanceId) };
}

/** Inputs that the provider changes while the machine runs. A change of any other counts as stopping it. */
const changedRunning = new Set([
  "__defaults",
  "creditSpecification",
  "disableApiStop",
  "disableApiTermination",
  "iamInstanceProfile",
  "instanceInitiatedShutdownBehavior",
  "maintenanceOptions",
  "metadataOptions",
  "monitoring",
  "rootBlockDevice",
  "sourceDestCheck",
  "tags",
  "tagsAll",
  "userDataReplaceOnChange",
  "volumeTags",
  "vpcSecurityGroupIds",
]);

/** Whether an update stops the machine. A change of type does; a change of tags does not. */
export function stops(oldInputs: Inputs = {}, newInputs: Inputs = {}): boolean {
  const keys = new Set([...Object.keys(oldInputs), ...Object.keys(newInputs)]);
  return [...keys].some(
    (key) => !changedRunning.has(key) && canonical(oldInputs[key]) !== canonical(newInputs[key]),
  );
}

/** A value as text that does not depend on the order of keys. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(
            Object.entries(inner)
              .filter(([key]) => key !== "__defaults")
              .sort(([a], [b]) => (a < b ? -1 : 1)),
          )
        : inner,
    ) ?? "undefined"
  );
}
