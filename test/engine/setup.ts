import { getPulumi } from "../../tools/pulumi";
import { ToolError } from "../../tools/errors";

/** Gets Pulumi before the first test, and says how; tests are skipped where no way leads there. */
module.exports = async () => {
  const report = (message: string) => console.error(`\n${message}`);
  try {
    const pulumi = await getPulumi({ report });
    const host = pulumi.languageHost ?? "a stand-in for its language host";
    report(`engine: pulumi ${pulumi.version}, ${pulumi.pulumi}, with ${host}`);
    process.env.ETCD_ENGINE = JSON.stringify(pulumi);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    report(`engine: skipped, ${error.message}`);
    delete process.env.ETCD_ENGINE;
  }
};
