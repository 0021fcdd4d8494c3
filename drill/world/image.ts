import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { run } from "../../tools/run";

/** Debian releases that drills run on. */
export type Release = "bookworm" | "trixie";

/**
 * What Debian's cloud images have and a minimal system lacks, as far as the user data needs it. runc, and busybox for
 * containers, are there for a control plane's machine.
 */
const packages = [
  ...["systemd", "systemd-sysv", "dbus", "udev", "iproute2", "ca-certificates", "curl", "procps", "jq"],
  ...["nftables", "xfsprogs", "runc", "busybox-static"],
];

const cloudInit = `datasource_list: [Ec2]
datasource:
  Ec2: { strict_id: false }
locale: false
`;

/**
 * A machine image like the one that a member's settings name: a Debian with systemd and cloud-init. It is built once,
 * kept in the cache, shared by all machines and never written to.
 * @returns its root directory
 */
export async function getImage(
  cacheDir: string,
  release: Release,
  report: (message: string) => void,
): Promise<string> {
  const recipe = createHash("sha256")
    .update(JSON.stringify([release, packages, cloudInit]))
    .digest("hex");
  const image = join(cacheDir, "images", `${release}-${recipe.slice(0, 12)}`);
  if (existsSync(image)) return image;
  mkdirSync(join(cacheDir, "images"), { recursive: true });
  const temporary = await mkdtemp(`${image}.`);
  chmodSync(temporary, 0o755);
  try {
    report(`building a machine image of Debian ${release}`);
    await run("debootstrap", ["--variant=minbase", `--include=${packages.join(",")}`, release, temporary]);
    // debootstrap itself fails on cloud-init's virtual packages.
    report("adding cloud-init to the machine image");
    const environment = { DEBIAN_FRONTEND: "noninteractive" };
    await run(
      "chroot",
      [temporary, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "cloud-init"],
      { env: environment },
    );
    await run("chroot", [temporary, "apt-get", "clean"]);
    writeFileSync(join(temporary, "etc/cloud/cloud.cfg.d/90_ec2.cfg"), cloudInit);
    renameSync(temporary, image);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return image;
}
