import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { once } from "node:events";
import { hosts } from "./addresses";
import type { DnsRecord } from "./estate";
import { run } from "../../tools/run";

/** The private zone, served by dnsmasq. */
export class Dns {
  private server?: ChildProcess;

  constructor(private readonly directory: string) {}

  /** From now on, serves exactly these records. */
  async serve(records: readonly DnsRecord[]): Promise<void> {
    const file = join(this.directory, "dnsmasq.conf");
    writeFileSync(file, records.flatMap(line).join("\n"));
    if (this.server) {
      const ended = once(this.server, "exit");
      this.server.kill("SIGKILL");
      await ended;
    }
    if (!this.server) {
      // For this computer's own programs on hosts of the drill's network; others see their own file.
      const resolver = join(this.directory, "resolv.conf");
      writeFileSync(resolver, `nameserver ${hosts.services}\n`);
      await run("mount", ["--bind", resolver, "/etc/resolv.conf"]);
    }
    this.server = spawn(
      "dnsmasq",
      [
        ...["--keep-in-foreground", "--no-resolv", "--no-hosts", "--bind-interfaces", "--user=root"],
        ...[`--listen-address=${hosts.services}`, "--pid-file=", `--conf-file=${file}`],
      ],
      { stdio: "ignore" },
    );
  }
}

function line({ name, type, values }: DnsRecord): string[] {
  if (type === "A") return values.map((address) => `host-record=${name},${address}`);
  return values.map((value) => {
    const [priority, weight, port, target] = value.split(" ");
    return `srv-host=${name},${target},${port},${priority},${weight}`;
  });
}
