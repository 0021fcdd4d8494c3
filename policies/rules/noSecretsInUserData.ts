import { z } from "zod";
import { unknown } from "../estate/resource";
import { fromBase64, readUserData } from "../estate/userData";
import { tags } from "../estate/resource";
import { tagNames } from "../../components/tags";
import { types } from "../estate";
import { rule } from "../rule";

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
  rule: "User data holds no secret: whoever may describe the machine or ask its metadata reads it",
  source: "AWS EC2 User Guide: Instance metadata and user data",
  level: "mandatory",
  settings: z.strictObject({}),
  *check(estate) {
    const machines = [...estate.ofType(types.instance), ...estate.ofType(types.launchTemplate)];
    for (const resource of machines.filter((each) => tags(each)[tagNames.cluster] !== undefined)) {
      const text = readUserData(resource);
      if (text === unknown) {
        yield { resource, undecided: "its user data is known only after a deployment" };
        continue;
      }
      for (const [pattern, what] of secrets) {
        if (!readings(text ?? "").some((reading) => pattern.test(reading))) continue;
        yield {
          resource,
          problem: `${what} is in its user data`,
          mend: "Keep secrets in SSM Parameter Store and let the machine's role read them",
        };
      }
    }
  },
});

/** The text, and what its blocks of base64 say. */
function readings(text: string): string[] {
  const blocks = text.match(/[A-Za-z0-9+/]{40,}={0,2}/g) ?? [];
  return [text, ...blocks.flatMap((block) => fromBase64(block)?.toString("latin1") ?? [])];
}
