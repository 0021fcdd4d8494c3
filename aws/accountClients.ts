import { IAMClient } from "@aws-sdk/client-iam";
import { Route53Client } from "@aws-sdk/client-route-53";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SNSClient } from "@aws-sdk/client-sns";
import { STSClient } from "@aws-sdk/client-sts";
import { awsClients, configOf, type Aws, type AwsSettings } from "./clients";

/** Beside what a cluster is watched by, the services that say whether an account is ready for one. */
export interface AccountClients extends Aws {
  iam: IAMClient;
  route53: Route53Client;
  quotas: ServiceQuotasClient;
  sns: SNSClient;
  sts: STSClient;
}

/** Clients made as {@link awsClients} are; apart from them, as no deployment has to load these. */
export function accountClients(settings: AwsSettings): AccountClients {
  const config = configOf(settings);
  return {
    ...awsClients(settings),
    iam: new IAMClient(config),
    route53: new Route53Client(config),
    quotas: new ServiceQuotasClient(config),
    sns: new SNSClient(config),
    sts: new STSClient(config),
  };
}
