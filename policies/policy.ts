import type { PolicyConfigSchema, ReportViolation, StackValidationPolicy } from "@pulumi/policy";
import { z } from "zod";
import { StackResources } from "./resources";
import type { Rule } from "./rule";

/** Begins the message of a rule that could not decide; such a message is advisory whatever the rule's level. */
export const undecidedMark = "not decided: ";

/**
 * A rule as a policy of the pack. Rules see the whole stack at once, because most of what hurts a cluster lies between
 * resources.
 */
export function policyOf(rule: Rule): StackValidationPolicy {
  const { properties } = z.toJSONSchema(rule.settings, { io: "input" });
  const description = `${rule.rule} (${rule.source})`;
  return {
    name: rule.name,
    description,
    enforcementLevel: rule.level,
    configSchema: { properties: (properties ?? {}) as PolicyConfigSchema["properties"] },
    validateStack: (stack, report) => {
      const settings = rule.settings.parse(stack.getConfig());
      try {
        for (const found of rule.check(new StackResources(stack.resources), settings)) {
          const { urn, name } = found.resource;
          if ("undecided" in found) advise(report, `${name}: ${undecidedMark}${found.undecided}`, urn);
          else if (found.level === "advisory")
            advise(report, `${name}: ${found.problem}. ${found.mend}.`, urn);
          else report(`${name}: ${found.problem}. ${found.mend}.`, urn);
        }
      } catch (error) {
        // For an error without a stack trace, the SDK prints only `undefined`.
        report(`the rule itself failed and did not judge the stack: ${String(error)}`);
      }
    },
  };
}

/** Reports below the rule's own level: the SDK's function accepts a level, although its type does not say so. */
function advise(report: ReportViolation, message: string, urn: string): void {
  const leveled = report as unknown as (violation: {
    message: string;
    urn: string;
    enforcementLevel: "advisory";
  }) => void;
  leveled({ message, urn, enforcementLevel: "advisory" });
}
