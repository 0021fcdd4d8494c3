import type { defragCronJob, defragNamespaceManifest } from "../../kubernetes/defragmentation";
import { post, type Answer, type KubernetesApi } from "../fixtures/kubernetesApi";

export interface CronJobManifests {
  namespace: ReturnType<typeof defragNamespaceManifest>;
  cronJob: ReturnType<typeof defragCronJob>;
}

/**
 * Whether an API server would admit a CronJob and the pods that it makes; unknown fields count as errors.
 * The namespace and its service account are made, everything else is a dry run.
 * @returns what speaks against it, in the API server's words; nothing if it is admitted
 */
export async function admissionProblems(
  api: KubernetesApi,
  { namespace, cronJob }: CronJobManifests,
): Promise<string[]> {
  const { name } = namespace.metadata;
  const serviceAccount = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
  const { metadata, spec } = cronJob.spec.jobTemplate.spec.template;
  // Pod Security holds pods to its standard, and of a CronJob only warns.
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, generateName: "admission-" }, spec };
  const dryRun = "?dryRun=All&fieldValidation=Strict";
  return [
    ...refused(await post(api, "/api/v1/namespaces", namespace), [201, 409]),
    // A controller makes it, where one runs.
    ...refused(await post(api, `/api/v1/namespaces/${name}/serviceaccounts`, serviceAccount), [201, 409]),
    ...refused(await post(api, `/apis/batch/v1/namespaces/${name}/cronjobs${dryRun}`, cronJob), [201]),
    ...refused(await post(api, `/api/v1/namespaces/${name}/pods${dryRun}`, pod), [201]),
  ];
}

function refused({ status, warnings, body }: Answer, accepted: number[]): string[] {
  return [
    ...(accepted.includes(status) ? [] : [`${status}: ${body.message ?? "no reason given"}`]),
    ...warnings.map((text) => `warning: ${text}`),
  ];
}
