/**
 * The decoded parts of a MIME multi-part message, in which cloud-init takes several scripts at once.
 * @returns undefined if the text is not one
 */
export function mimeParts(text: string): Buffer[] | undefined {
  const { headers, body } = split(text);
  const boundary = /^content-type:\s*multipart\/[^;]+;(?:.*;)?\s*boundary="?([^"\s;]+)"?/im.exec(
    headers,
  )?.[1];
  if (boundary === undefined) return undefined;
  const lines = body.split(/\r?\n/);
  const edges = lines.flatMap((line, index) => (line.trimEnd().startsWith(`--${boundary}`) ? [index] : []));
  return edges.flatMap((edge, index) => {
    if (lines[edge]!.trimEnd() === `--${boundary}--`) return [];
    return decoded(lines.slice(edge + 1, edges[index + 1]).join("\n"));
  });
}

function decoded(part: string): Buffer {
  const { headers, body } = split(part);
  const encoding = /^content-transfer-encoding:\s*(\S+)/im.exec(headers)?.[1]?.toLowerCase();
  if (encoding === "base64") return Buffer.from(body, "base64");
  if (encoding !== "quoted-printable") {
    // A part may itself be a multi-part message; its header says so.
    return Buffer.from(/multipart\//i.test(headers) ? part : body);
  }
  const bytes = body
    .replace(/=[ \t]*\n/g, "")
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1");
}

/** Headers, with folded lines joined, and what follows the first empty line. */
function split(text: string): { headers: string; body: string } {
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null || !/^[A-Za-z-]+:/.test(text)) return { headers: "", body: text };
  return {
    headers: text.slice(0, end.index).replace(/\r?\n[ \t]+/g, " "),
    body: text.slice(end.index + end[0].length),
  };
}

/** The here-documents of a shell script. */
export function heredocs(text: string): string[] {
  return [...text.matchAll(/<<-?[ \t]*\\?(["']?)(\w+)\1[^\n]*\n([\s\S]*?)\n[ \t]*\2[ \t]*$/gm)].map(
    ([, , , body]) => body!,
  );
}
