/** A regular file in an archive. */
export interface ArchivedFile {
  /** Relative, at most 100 bytes. */
  path: string;
  /** Permissions, for example 0o755. */
  mode: number;
  content: string;
}

const block = 512;

/**
 * A tar archive (POSIX ustar) of regular files owned by root, in the given order. Nothing in it depends on when or
 * where it was made, so the same files give the same bytes.
 * @throws RangeError if a path is too long for its field
 */
export function tar(files: readonly ArchivedFile[]): Uint8Array {
  const blocks = files.flatMap(({ path, mode, content }) => {
    const bytes = Buffer.from(content);
    return [header(path, mode, bytes.length), bytes, Buffer.alloc(-bytes.length & (block - 1))];
  });
  // Two blocks of zeros end the archive.
  return Buffer.concat([...blocks, Buffer.alloc(2 * block)]);
}

/** The files of an archive that {@link tar} made. */
export function untar(archive: Uint8Array): ArchivedFile[] {
  const bytes = Buffer.from(archive);
  const files: ArchivedFile[] = [];
  const text = (at: number, length: number) =>
    bytes.toString("latin1", at, at + length).replace(/\0.*$/s, "");
  for (let at = 0; at + block <= bytes.length && bytes[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8);
    const start = at + block;
    files.push({
      path: text(at, 100),
      mode: parseInt(text(at + 100, 8), 8),
      content: bytes.toString("utf8", start, start + size),
    });
    at = start + Math.ceil(size / block) * block;
  }
  return files;
}

/** Fields in order: name, mode, uid, gid, size, mtime, checksum, type, magic and version, owner, group. */
function header(path: string, mode: number, size: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new RangeError(`${path}: over 100 bytes long`);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, "0")}\0`;
  const bytes = Buffer.alloc(block);
  bytes.write(path, 0);
  bytes.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12), 100);
  // The checksum is computed with spaces in its own place.
  bytes.write("        0", 148);
  bytes.write("ustar\x0000", 257);
  bytes.write("root", 265);
  bytes.write("root", 297);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}
