import { parse } from "yaml";
import { clientEndpoints } from "../../contract/addresses";
import { apiServerFlags, kubeadmClusterConfiguration, staticPodPatch } from "../../kubernetes/apiServer";
import { declaration, specOf } from "../fixtures/declarations";

const spec = specOf(declaration("prod"));
const endpoints = clientEndpoints(spec);

test("API servers are told every member, over https", () => {
  expect(endpoints).toEqual(spec.members.map(({ address }) => `https://${address}:2379`));
});

test("behind the balancer they are told its name alone", () => {
  expect(clientEndpoints({ ...spec, apiServer: { endpoints: "loadBalancer" } })).toEqual([
    "https://etcd.prod.etcd.internal:2379",
  ]);
});

test("flags, kubeadm's configuration and the static pod's patch say the same", () => {
  const flags = apiServerFlags(endpoints);
  const { etcd } = parse(kubeadmClusterConfiguration(endpoints)) as {
    etcd: { external: { endpoints: string[]; caFile: string; certFile: string; keyFile: string } };
  };
  const { external } = etcd;
  expect(flags).toEqual([
    `--etcd-servers=${external.endpoints.join(",")}`,
    `--etcd-cafile=${external.caFile}`,
    `--etcd-certfile=${external.certFile}`,
    `--etcd-keyfile=${external.keyFile}`,
  ]);

  // Applied by RFC 6902's rules for appending to an array.
  const command = ["kube-apiserver", "--secure-port=6443"];
  for (const { op, path, value } of parse(staticPodPatch(endpoints)) as {
    op: string;
    path: string;
    value: string;
  }[]) {
    expect([op, path]).toEqual(["add", "/spec/containers/0/command/-"]);
    command.push(value);
  }
  expect(command).toEqual(["kube-apiserver", "--secure-port=6443", ...flags]);
});
