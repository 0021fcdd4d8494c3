import type { Statement } from "../../machine/allowedActions";

/** Something that a caller asks of AWS: the action, the resource, and what conditions may refer to. */
export interface Request {
  action: string;
  resource: string;
  context?: Record<string, string>;
}

/** Whether a role's policy statements, all of which allow, cover a request, as IAM decides it. */
export function isAllowed(statements: readonly Statement[], request: Request): boolean {
  return statements.some(
    ({ Action, Resource, Condition = {} }) =>
      list(Action).some((pattern) => like(pattern.toLowerCase(), request.action.toLowerCase())) &&
      list(Resource).some((pattern) => like(pattern, request.resource)) &&
      Object.entries(Condition).every(([operator, tests]) =>
        Object.entries(tests).every(([key, values]) => holds(operator, request.context?.[key], list(values))),
      ),
  );
}

function holds(operator: string, value: string | undefined, expected: readonly string[]): boolean {
  switch (operator) {
    case "StringEquals":
      return value !== undefined && expected.includes(value);
    case "StringLike":
      return value !== undefined && expected.some((pattern) => like(pattern, value));
    case "Bool":
      return value !== undefined && expected.includes(value);
    case "Null":
      return expected.includes(String(value === undefined));
    default:
      throw new Error(`the drill's gateway knows no condition ${operator}`);
  }
}

const list = (one: string | readonly string[]): readonly string[] => (typeof one === "string" ? [one] : one);

/** IAM's wildcards: `*` for any text, `?` for one character. */
function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}
