/**
 * Reads an input that holds PEM.
 * @throws Error naming the input; not its value, which may be a secret
 */
export function readPem<T>(input: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${input}: not the PEM that is expected here`, { cause });
  }
}

/** As Go writes PEM: with a newline at the end. */
export function writePem(data: { toString(format: "pem"): string }): string {
  return `${data.toString("pem")}\n`;
}
