import { connect as connectPlain } from "node:net";
import { connect as connectTls } from "node:tls";
import { loopback } from "./loopback";

/** How a listener treated a caller. */
export type Reception =
  /** It answered the request. */
  | { kind: "answered"; status: string }
  /** It ended the TLS handshake; the alert is the reason it gave (RFC 8446, 6.2). */
  | { kind: "refused"; alert: string };

const request = `GET /version HTTP/1.1\r\nHost: ${loopback}\r\nConnection: close\r\n\r\n`;

/**
 * Calls a TLS listener and says how it treated the caller. It checks the listener itself against `ca`, so that a
 * refusal is known to come from the member and not from something else on its port.
 * @param port on loopback
 * @param caller certificate and key that the caller presents, if any
 */
export function callTls(
  port: number,
  ca: string,
  caller?: { cert: string; key: string },
): Promise<Reception> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: loopback, port, ca, ...caller }, () => socket.write(request));
    socket.setTimeout(5000, () => socket.destroy(new Error(`no answer from port ${port} within 5 s`)));
    socket.setEncoding("utf8").once("data", (answer: string) => {
      resolve({ kind: "answered", status: answer.split("\r\n")[0]! });
      socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      const alert = /^ERR_SSL_(?:TLSV1|TLSV13|SSLV3)_ALERT_(.+)$/.exec(error.code ?? "")?.[1];
      if (alert === undefined) reject(error);
      else resolve({ kind: "refused", alert: alert.toLowerCase().replaceAll("_", " ") });
    });
    socket.on("end", () => reject(new Error(`port ${port} closed without an answer`)));
  });
}

/** Calls a listener with plain http and returns its whole answer; empty if it closes without one. */
export function callPlain(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectPlain({ host: loopback, port }, () => socket.write(request));
    socket.setTimeout(5000, () => socket.destroy(new Error(`no answer from port ${port} within 5 s`)));
    let answer = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
    socket.on("error", reject).on("end", () => resolve(answer));
  });
}
