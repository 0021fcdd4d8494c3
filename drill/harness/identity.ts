import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClientIdentity } from "../../rehearse/kvClient";
import type { Estate } from "../world/estate";
import { worldDirectory } from "../world/space";

/** Where the API servers' certificate is, on their host. */
export const identityDirectory = join(worldDirectory, "api-server");

/** Puts the API servers' files there, as their machines would get them. */
export function putIdentity({ apiServer: { files } }: Estate): void {
  mkdirSync(identityDirectory, { recursive: true });
  for (const [file, content] of Object.entries(files))
    writeFileSync(join(identityDirectory, file), content, { mode: 0o600 });
}

/** The same identity for clients that are not API servers. */
export function clientIdentity({ apiServer: { files } }: Estate): ClientIdentity {
  const { "ca.crt": ca, "client.crt": cert, "client.key": key } = files;
  return { ca: ca!, cert: cert!, key: key! };
}
