import type { PolicyResource } from "@pulumi/policy";
import { tagNames } from "../contract/tags";
import { StackResources, types } from "../policies/resources";
import { machineTypes } from "../policies/resources/members";
import type { RecordedResource } from "../record/recording";

/** Whether the rules see a cluster: they say nothing about a stack without one. */
export function hasCluster(resources: readonly RecordedResource[]): boolean {
  const seen = resources.map(({ inputs, outputs, propertyDependencies, ...resource }) => ({
    ...resource,
    opts: resource.options,
    props: { ...inputs, ...outputs },
    dependencies: [],
    propertyDependencies: Object.fromEntries(
      Object.entries(propertyDependencies).map(([property, urns]) => [
        property,
        urns.map((urn) => ({ urn })),
      ]),
    ),
    parent: undefined,
  }));
  return new StackResources(seen as unknown as PolicyResource[]).clusters.length > 0;
}

/** What was looked for in a stack where no cluster was found. */
export function lookedFor(resources: readonly RecordedResource[]): string {
  return `no etcd cluster among ${resources.length} resources: no component of type ${types.cluster} or ${types.member}, and no ${machineTypes.join(" or ")} with the tag ${tagNames.cluster}, of its own or of the provider's default tags. Tag each member's machine ${tagNames.cluster} and ${tagNames.member}.`;
}
