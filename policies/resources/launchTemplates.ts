import { machineTypes } from "./members";
import { at, items, refersTo, shown, unknown, type Resource, type Value, type Values } from "./resource";

const templateType = "aws:ec2/launchTemplate:LaunchTemplate";

/** What a machine may take from a template, under the machine's names for it. */
type Taken = Record<(typeof takable)[number], Value>;
const takable = [
  "ami",
  "instanceType",
  "userData",
  "metadataOptions",
  "iamInstanceProfile",
  "vpcSecurityGroupIds",
  "associatePublicIpAddress",
  "instanceMarketOptions",
  "rootBlockDevice",
] as const;

/**
 * Gives machines what they take from launch templates: whatever a machine does not set itself. It is unknown if the
 * stack lacks the template, or the version that the machine names.
 */
export function takeFromTemplates(resources: readonly Resource[]): void {
  for (const machine of resources.filter(({ type }) => machineTypes.includes(type))) {
    const named = machine.props.launchTemplate ?? machine.sources.launchTemplate;
    if (named === undefined || named === null) continue;
    const template = resources.find(
      (each) => each.type === templateType && refersTo(machine, "launchTemplate", each),
    );
    const hidden = template ? otherVersion(machine, template) : "which the stack does not make";
    const taken: Taken = template && !hidden ? takenFrom(template) : hiddenOf(takable);
    const { userData, ...rest } = taken;
    const hasUserData = Boolean(machine.props.userData || machine.props.userDataBase64);
    const lacking = Object.entries(hasUserData ? rest : { userData, ...rest }).filter(
      ([name]) => machine.props[name] === undefined || machine.props[name] === null,
    );
    const props: Values = { ...machine.props, ...(Object.fromEntries(lacking) as Values) };
    if (template) props.tags = { ...tagsGivenBy(template), ...(machine.props.tags as Values | undefined) };
    const hiddenTemplate = hidden && `launch template ${nameOf(machine, template)}, ${hidden}`;
    const sources = { ...template?.sources, ...machine.sources };
    Object.defineProperties(machine, {
      props: { value: props },
      sources: { value: sources },
      hiddenTemplate: { value: hiddenTemplate },
    });
  }
}

/** A template's data under the names of a machine (https://www.pulumi.com/registry/packages/aws/api-docs/ec2/launchtemplate). */
function takenFrom({ props }: Resource): Taken {
  const [first] = items(props.networkInterfaces);
  const profile = props.iamInstanceProfile;
  const root = items(props.blockDeviceMappings).find((each) =>
    ["/dev/xvda", "/dev/sda1"].includes(shown(at(each, "deviceName"))),
  );
  const ebs = at(root, "ebs");
  return {
    ami: props.imageId,
    instanceType: props.instanceType,
    userData: props.userData,
    metadataOptions: props.metadataOptions,
    iamInstanceProfile: at(profile, "name") ?? at(profile, "arn"),
    vpcSecurityGroupIds: props.vpcSecurityGroupIds ?? at(first, "securityGroups"),
    associatePublicIpAddress: yes(at(first, "associatePublicIpAddress")),
    instanceMarketOptions: props.instanceMarketOptions,
    rootBlockDevice:
      typeof ebs === "object" && ebs !== null ? { ...ebs, encrypted: yes(at(ebs, "encrypted")) } : ebs,
  };
}

/** A template's booleans are texts. */
function yes(value: Value): Value {
  return value === "true" ? true : value === "false" ? false : value;
}

function tagsGivenBy({ props }: Resource): Values {
  const given = items(props.tagSpecifications).filter((each) => at(each, "resourceType") === "instance");
  return Object.assign({}, ...given.map((each) => at(each, "tags"))) as Values;
}

/** Says so if a machine starts from another version of the template than the one in the stack. */
function otherVersion({ props }: Resource, template: Resource): string | undefined {
  const wanted = shown(at(props.launchTemplate, "version") ?? "$Default");
  const { latestVersion, defaultVersion } = template.props;
  if (typeof latestVersion !== "number") return undefined;
  const known: Values = { $Latest: latestVersion, $Default: defaultVersion ?? latestVersion };
  const version = known[wanted] ?? wanted;
  return shown(version) === shown(latestVersion)
    ? undefined
    : `whose version ${shown(version)} is not the one in the stack`;
}

function hiddenOf(names: typeof takable): Taken {
  return Object.fromEntries(names.map((name) => [name, unknown])) as Taken;
}

function nameOf({ props }: Resource, template: Resource | undefined): string {
  return template?.name ?? shown(at(props.launchTemplate, "name") ?? at(props.launchTemplate, "id"));
}
