import type { StackResources } from "./index";
import {
  at,
  items,
  oneOrMany,
  refersTo,
  shown,
  tags,
  unknown,
  type Resource,
  type Unknown,
  type Value,
} from "./resource";

/** Selections of AWS Backup whose plan has a rule, so that they are backed up. */
export function backupSelections(stack: StackResources): Resource[] {
  const plans = stack.ofType("aws:backup/plan:Plan").filter(({ props }) => items(props.rules).length > 0);
  return stack
    .ofType("aws:backup/selection:Selection")
    .filter((selection) => plans.some((plan) => refersTo(selection, "planId", plan)));
}

/**
 * Whether a selection includes a volume, by itself or through its machine, whose volumes are backed up with it: by a
 * tag, or by ARN if all conditions hold, and not if it is excluded
 * (https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html).
 * @param carriers the volume, and the machine that it is attached to
 */
export function selects({ props }: Resource, carriers: readonly Resource[]): boolean | Unknown {
  const lists: Value[] = [props.selectionTags, props.resources, props.notResources, props.conditions];
  if (lists.some((list) => list === unknown || oneOrMany(list).includes(unknown))) return unknown;
  return carriers.some((carrier) => {
    const own = tags(carrier);
    const names = (arns: Value) => items(arns).some((arn) => matches(shown(arn), arnOf(carrier)));
    if (names(props.notResources)) return false;
    const tagged = items(props.selectionTags).some(
      (each) => own[shown(at(each, "key"))] === at(each, "value"),
    );
    return (
      tagged || (names(props.resources) && oneOrMany(props.conditions).every((each) => holds(each, own)))
    );
  });
}

/** Whether a carrier's tags meet all conditions. */
function holds(conditions: Value, own: Record<string, string>): boolean {
  const all = (name: string, meets: (value: string, wanted: string) => boolean) =>
    items(at(conditions, name)).every((each) =>
      meets(own[shown(at(each, "key")).replace("aws:ResourceTag/", "")] ?? "", shown(at(each, "value"))),
    );
  return (
    all("stringEquals", (value, wanted) => value === wanted) &&
    all("stringNotEquals", (value, wanted) => value !== wanted) &&
    all("stringLikes", (value, wanted) => matches(wanted, value)) &&
    all("stringNotLikes", (value, wanted) => !matches(wanted, value))
  );
}

/** A resource's ARN; if the state lacks it, one with the same ending. */
function arnOf({ props, type }: Resource): string {
  const kind = type.startsWith("aws:ebs/") ? "volume" : "instance";
  return typeof props.arn === "string" ? props.arn : `arn:aws:ec2:::${kind}/${shown(props.id)}`;
}

/** Whether a text matches a pattern, in which `*` stands for anything. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
