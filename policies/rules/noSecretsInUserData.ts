import { z } from "zod";
import { programsOf } from "../resources/programs";
import { tags, unknown, type Resource, type Value } from "../resources/resource";
import { fromBase64 } from "../resources/forms";
import { readUserData } from "../resources/userData";
import { tagNames } from "../../contract/tags";
import { types } from "../resources";
import { rule, type Finding } from "../rule";

const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/, "an AWS access key"],
  [
    /\b(password|passwd|secret[_-]?(access[_-]?)?key|api[_-]?key|auth[_-]?token)["']?\s*[:=]\s*["']?[^\s"'$<{]{8,}/i,
    "a password or key",
  ],
];

export const noSecretsInUserData = rule({
  name: "etcd-no-secrets-in-user-data",
  rule: "User data and the programs that it names hold no secret: anyone who may describe the machine, read its metadata or read parameters would see it",
  source: "AWS EC2 User Guide: Instance metadata and user data",
  level: "mandatory",
  settings: z.strictObject({}),
  *check(stack) {
    const machines = [types.instance, types.spotRequest, types.launchTemplate].flatMap((type) =>
      stack.ofType(type),
    );
    for (const resource of machines.filter((each) => tags(each)[tagNames.cluster] !== undefined)) {
      const { texts, unread } = readUserData(resource);
      for (const undecided of unread) yield { resource, undecided };
      const text = texts.join("\n");
      const programs = programsOf(text, stack.resources);
      if (programs === unknown)
        yield { resource, undecided: "its user data names programs that cannot be read in the stack" };
      yield* found(resource, text, "its user data");
      yield* found(resource, programs, "its programs");
    }
  },
});

function* found(resource: Resource, text: Value, where: string): Generator<Finding> {
  if (typeof text !== "string") return;
  const all = readings(text);
  for (const [pattern, what] of secrets) {
    if (!all.some((reading) => pattern.test(reading))) continue;
    yield {
      resource,
      problem: `${what} is in ${where}`,
      mend: "Keep secrets in SSM Parameter Store as SecureStrings and let the machine's role read them",
    };
  }
}

/** The text, and its decoded blocks of base64. */
function readings(text: string): string[] {
  const blocks = text.match(/[A-Za-z0-9+/]{40,}={0,2}/g) ?? [];
  return [text, ...blocks.flatMap((block) => fromBase64(block)?.toString("latin1") ?? [])];
}
