import { parse } from "yaml";
import type { MachineIdentity } from "../machine/files";
import { flagsFile, identityFile } from "../contract/paths";
import { ofType, type Recording } from "../record/recording";
import { reveal } from "../record/values";

/** A member as its machine would find it: from nothing but its user data and its parameters. */
export interface DeclaredMember {
  identity: MachineIdentity;
  /** Its name in the private zone, which its certificates carry. */
  dnsName: string;
  /** etcd's command line. */
  flags: string[];
  /** Certificates and keys by file name, PEM. */
  pki: Record<string, string>;
}

/** The members of a recorded stack, read from the user data of its instances as cloud-init would. */
export function declaredMembers(recording: Recording): DeclaredMember[] {
  return ofType(recording, "aws:ec2/instance:Instance").flatMap(({ inputs, parent }) => {
    const files = new Map(
      cloudConfigFiles(String(inputs.userData)).map(({ path, content }) => [path, content]),
    );
    const identity = files.get(identityFile);
    const flags = files.get(flagsFile);
    if (identity === undefined || flags === undefined) return [];
    const who = JSON.parse(identity) as MachineIdentity;
    const component = recording.resources.find(({ urn }) => urn === parent);
    return {
      identity: who,
      dnsName: String(component?.inputs.dnsName),
      flags: flags.trimEnd().split("\n"),
      pki: parametersUnder(recording, `${who.parameters}/pki/members/${who.member}`),
    };
  });
}

/** Values of the parameters directly under a path, by the last part of their names. */
export function parametersUnder(recording: Recording, path: string): Record<string, string> {
  return Object.fromEntries(
    ofType(recording, "aws:ssm/parameter:Parameter")
      .map(({ inputs }) => ({ name: String(inputs.name), value: String(reveal(inputs.value)) }))
      .filter(({ name }) => name.startsWith(`${path}/`))
      .map(({ name, value }) => [name.slice(path.length + 1), value]),
  );
}

function cloudConfigFiles(userData: string): { path: string; content: string }[] {
  if (!userData.startsWith("#cloud-config\n")) return [];
  return (parse(userData) as { write_files?: { path: string; content: string }[] }).write_files ?? [];
}
