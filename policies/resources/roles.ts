import { at, items, refersTo, type Resource, type Value } from "./resource";

/** The policies of a machine's role. */
export interface RolePolicies {
  /** Whether the stack has the role; nothing is known about any other. */
  known: boolean;
  /** Policy documents, JSON, and the resource that holds each. */
  documents: { resource: Resource; policy: Value }[];
  /** ARNs of policies that the stack does not make. */
  managed: { resource: Resource; arn: string }[];
}

/** The policies of the role that a machine's instance profile names. */
export function rolePolicies(instance: Resource, resources: readonly Resource[]): RolePolicies {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const profiles = ofType("aws:iam/instanceProfile:InstanceProfile").filter((profile) =>
    refersTo(instance, "iamInstanceProfile", profile),
  );
  const roles = ofType("aws:iam/role:Role").filter((role) =>
    profiles.some((profile) => refersTo(profile, "role", role)),
  );
  const found: RolePolicies = { known: roles.length > 0, documents: [], managed: [] };
  for (const role of roles) {
    for (const inline of items(role.props.inlinePolicies))
      found.documents.push({ resource: role, policy: at(inline, "policy") });
    for (const arn of items(role.props.managedPolicyArns))
      if (typeof arn === "string") found.managed.push({ resource: role, arn });
    for (const resource of ofType("aws:iam/rolePolicy:RolePolicy"))
      if (refersTo(resource, "role", role)) found.documents.push({ resource, policy: resource.props.policy });
    for (const resource of ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")) {
      if (!refersTo(resource, "role", role)) continue;
      const own = ofType("aws:iam/policy:Policy").filter((policy) => refersTo(resource, "policyArn", policy));
      for (const policy of own) found.documents.push({ resource: policy, policy: policy.props.policy });
      const { policyArn } = resource.props;
      if (own.length === 0 && typeof policyArn === "string") found.managed.push({ resource, arn: policyArn });
    }
  }
  return found;
}
