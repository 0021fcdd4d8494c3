import { paginateDescribeVpcEndpoints, type VpcEndpoint } from "@aws-sdk/client-ec2";
import { tagNames } from "../../contract/tags";
import type { Account } from "./needs";

/** Endpoints of the VPC that are there to stay, but for the cluster's own. */
export async function foreignEndpoints({ needs, aws, signal }: Account): Promise<VpcEndpoint[]> {
  const { network, cluster } = needs.spec;
  const Filters = [{ Name: "vpc-id", Values: [network.vpc] }];
  const found: VpcEndpoint[] = [];
  const pages = paginateDescribeVpcEndpoints({ client: aws.ec2 }, { Filters }, { abortSignal: signal });
  for await (const { VpcEndpoints = [] } of pages) found.push(...VpcEndpoints);
  const isOwn = ({ Tags = [] }: VpcEndpoint) =>
    Tags.some(({ Key, Value }) => Key === tagNames.cluster && Value === cluster);
  // EC2 writes some states with a capital letter.
  const isGoing = ({ State }: VpcEndpoint) => /^delet/i.test(State ?? "");
  return found.filter((endpoint) => !isOwn(endpoint) && !isGoing(endpoint));
}
