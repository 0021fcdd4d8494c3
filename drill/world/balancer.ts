import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Balancer } from "./estate";
import type { TargetHealth } from "./described";

/**
 * haproxy in place of the network load balancer: it passes TCP through, runs each target's declared health check (twice
 * a second, where AWS does so every ten seconds), and ends connections to a target that fails it.
 */
export class BalancerStandIn {
  private process?: ChildProcess;
  private readonly socket: string;

  constructor(private readonly directory: string) {
    this.socket = join(directory, "haproxy.sock");
  }

  /** From now on, balances exactly these targets, in its host's network namespace. */
  async serve(host: string, balancer: Balancer): Promise<void> {
    const file = join(this.directory, "haproxy.cfg");
    writeFileSync(file, configuration(balancer, this.socket));
    if (this.process) {
      const ended = once(this.process, "exit");
      this.process.kill("SIGKILL");
      await ended;
    }
    this.process = spawn("ip", ["netns", "exec", host, "haproxy", "-f", file], { stdio: "ignore" });
  }

  /** What the balancer thinks of its targets, in AWS' words. */
  async health(): Promise<TargetHealth[]> {
    if (!this.process) return [];
    const connection = connect(this.socket);
    connection.end("show stat\n");
    const [head, ...rows] = (await text(connection)).trim().split("\n");
    const column = (row: string, name: string) =>
      row.split(",")[head!.replace(/^# /, "").split(",").indexOf(name)]!;
    return rows
      .filter((row) => column(row, "type") === "2")
      .map((row) => {
        const [address, port] = column(row, "addr").split(":");
        const state = column(row, "status").startsWith("UP") ? "healthy" : "unhealthy";
        return { address: address!, port: Number(port), state };
      });
  }
}

function configuration({ listenerPort, targets, check }: Balancer, socket: string): string {
  return `
global
  stats socket ${socket} mode 600 level admin
  stats timeout 5s
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
listen etcd
  bind :${listenerPort}
  option httpchk GET ${check.path}
  default-server check port ${check.port} inter 500ms fall 2 rise 2 on-marked-down shutdown-sessions
${targets.map(({ address, port }) => `  server ${address} ${address}:${port}`).join("\n")}
`;
}
