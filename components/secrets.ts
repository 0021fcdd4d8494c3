import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/**
 * Puts texts into SSM Parameter Store as SecureStrings under a customer-managed key.
 * @param prefix path of the parameters; each key of `values` becomes its last part
 */
export function secureStrings(
  name: string,
  args: {
    prefix: string;
    keyArn: pulumi.Input<string>;
    values: Record<string, pulumi.Input<string>>;
    tags: Record<string, string>;
  },
  opts: pulumi.CustomResourceOptions,
): aws.ssm.Parameter[] {
  return Object.entries(args.values).map(
    ([file, value]) =>
      new aws.ssm.Parameter(
        `${name}-${file}`,
        {
          name: `${args.prefix}/${file}`,
          type: aws.ssm.ParameterType.SecureString,
          keyId: args.keyArn,
          value: pulumi.secret(value),
          tags: args.tags,
        },
        opts,
      ),
  );
}
