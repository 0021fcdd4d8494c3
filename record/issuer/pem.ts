/** Reads PEM, and caches what was read or made: a CA signs many certificates. */
export class PemReader<T> {
  private readonly known = new Map<string, T>();

  constructor(private readonly parse: (pem: string) => T) {}

  remember(pem: string, value: T): void {
    this.known.set(pem, value);
  }

  /** @throws Error naming the input, but not its value, which may be a secret */
  read(input: string, pem: string): T {
    const value = this.known.get(pem) ?? readPem(input, () => this.parse(pem));
    this.remember(pem, value);
    return value;
  }
}

/**
 * Reads an input that holds PEM.
 * @throws Error naming the input, but not its value, which may be a secret
 */
export function readPem<T>(input: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${input}: not the PEM that is expected here`, { cause });
  }
}

/** PEM as Go writes it: with a newline at the end. */
export function writePem(data: { toString(format: "pem"): string }): string {
  return `${data.toString("pem")}\n`;
}
