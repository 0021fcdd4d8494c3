import { z } from "zod";
import { flagProblems, memberFlags, type WantedFlags } from "./resources/etcdFlags";
import { rule, type Rule } from "./rule";

/** A rule on the flags of one of etcd's listeners, as the machines' user data says them. */
export function tlsRule(
  definition: Pick<Rule, "name" | "rule" | "source"> & { wanted: WantedFlags; mend: string },
): Rule {
  const { wanted, mend, ...about } = definition;
  return rule({
    ...about,
    level: "mandatory",
    settings: z.strictObject({}),
    *check(stack) {
      const { seen, unseen } = memberFlags(stack);
      yield* unseen;
      for (const { resource, flags } of seen)
        for (const found of flagProblems(flags, wanted))
          yield "problem" in found ? { resource, mend, ...found } : { resource, ...found };
    },
  });
}
