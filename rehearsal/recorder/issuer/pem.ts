/** A reader of PEM that remembers what it read: a CA and its key sign many certificates. */
export function pemReader<T>(read: (pem: string) => T): (input: string, pem: string) => T {
  const known = new Map<string, T>();
  return (input, pem) => {
    if (!known.has(pem))
      known.set(
        pem,
        readPem(input, () => read(pem)),
      );
    return known.get(pem)!;
  };
}

/**
 * Reads an input that holds PEM.
 * @throws Error naming the input; not its value, which may be a secret
 */
function readPem<T>(input: string, read: () => T): T {
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
