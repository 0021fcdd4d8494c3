import { once } from "node:events";
import { spawn } from "node:child_process";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Call } from "./call";

/** The secret of every machine's access key. */
export const machineSecret = "drill";

/** Access keys of roles that machines have, as AWS begins them. */
const ofMachine = /^ASIA/;

/** One call of each kind that machines made. moto checks no signature, so botocore does. */
export class SignedCalls {
  private readonly kinds = new Map<string, object>();
  /** How many of them, in the order in which they came, are verified. */
  private verified = 0;

  note({ caller, service, action, method, url, body }: Call, headers: IncomingHttpHeaders): void {
    if (!ofMachine.test(caller)) return;
    const query = [...new URL(url, "http://aws").searchParams.keys()].join(" ");
    const kind = [service, method, action, query].join(", ");
    if (!this.kinds.has(kind))
      this.kinds.set(kind, { method, url, headers, body: body.toString("base64"), secret: machineSecret });
  }

  /**
   * Holds what was noted since the last time to the signatures that botocore makes.
   * @param python of an environment that has botocore, as moto's has
   * @throws Error with the calls that AWS would refuse and what was to be signed, or if there was no call
   */
  async verify(python: string): Promise<void> {
    if (this.kinds.size === 0) throw new Error("no machine has called AWS");
    const calls = [...this.kinds.values()].slice(this.verified);
    if (calls.length === 0) return;
    const child = spawn(python, [join(__dirname, "signatures.py")], { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end(JSON.stringify(calls));
    const [wrong, [code]] = await Promise.all([
      text(child.stdout),
      once(child, "close") as Promise<[number | null]>,
    ]);
    if (code !== 0) throw new Error(`signatures.py ended with ${code}`);
    if (wrong !== "") throw new Error(`signatures that AWS would refuse: ${wrong}`);
    this.verified += calls.length;
  }
}
