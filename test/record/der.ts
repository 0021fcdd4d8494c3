const tags: Readonly<Record<number, string>> = {
  0x01: "BOOLEAN",
  0x02: "INTEGER",
  0x03: "BIT STRING",
  0x04: "OCTET STRING",
  0x06: "OBJECT IDENTIFIER",
  0x0c: "UTF8String",
  0x13: "PrintableString",
  0x17: "UTCTime",
  0x18: "GeneralizedTime",
  0x30: "SEQUENCE",
  0x31: "SET",
};
const textTags = [0x0c, 0x13, 0x17, 0x18];

interface Element {
  tag: number;
  content: Buffer;
}

/**
 * What a PEM text holds, an element of its DER encoding a line: the tag and, if it is primitive, the content,
 * in hex unless it is a string or an object identifier. Octet strings beside an object identifier, as in
 * extensions, are read on.
 */
export function derLines(pem: string): string[] {
  return linesOf(Buffer.from(pem.replace(/-----.*-----/g, ""), "base64"));
}

function linesOf(der: Buffer, indent = ""): string[] {
  const elements = elementsOf(der);
  const isNamed = elements[0]?.tag === 0x06;
  return elements.flatMap(({ tag, content }) => {
    const line = indent + (tags[tag] ?? `[${tag & 0x1f}]`);
    if ((tag & 0x20) !== 0 || (tag === 0x04 && isNamed)) return [line, ...linesOf(content, `${indent}  `)];
    return [
      `${line} ${tag === 0x06 ? dotted(content) : content.toString(textTags.includes(tag) ? "utf8" : "hex")}`,
    ];
  });
}

function elementsOf(der: Buffer): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < der.length;) {
    const first = der.readUInt8(at + 1);
    const lengthBytes = first < 0x80 ? 0 : first - 0x80;
    const start = at + 2 + lengthBytes;
    const end = start + (lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes));
    elements.push({ tag: der.readUInt8(at), content: der.subarray(start, end) });
    at = end;
  }
  return elements;
}

function dotted(content: Buffer): string {
  const arcs = [0];
  for (const byte of content) {
    arcs.push(arcs.pop()! * 128 + (byte & 0x7f));
    if (byte < 0x80) arcs.push(0);
  }
  const [first = 0, ...rest] = arcs.slice(0, -1);
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join(".");
}
