import { escapeMarkup } from "./markup";

const columns = 120;
const [width, height, size, edge] = [7.25, 18, 12, 16];

/** What a terminal's colours are here, by the number that switches to them. */
const colours: Readonly<Record<string, string>> = {
  31: "#ff7b72",
  32: "#7ee787",
  33: "#e3b341",
  36: "#79c0ff",
};

/**
 * A command and what it printed, as an SVG of a terminal. Lines are broken where a terminal of 120 columns breaks them.
 * @param lines may switch the colour of their text, as `\u001b[32m` does
 */
export function terminalPicture(command: string, lines: readonly string[]): string {
  const rows = [`\u001b[36m$\u001b[39m ${command}`, ...lines].flatMap(broken);
  const [right, bottom] = [columns * width + 2 * edge, rows.length * height + 2 * edge];
  const texts = rows.map(
    (row, index) =>
      `  <text x="${edge}" y="${edge + (index + 0.75) * height}" xml:space="preserve">${row.map(coloured).join("")}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${right} ${bottom}" role="img" aria-label="${escapeMarkup(command)}"`,
    `  font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${size}" fill="#e6edf3">`,
    `  <rect width="${right}" height="${bottom}" rx="8" fill="#0d1117"/>`,
    ...texts,
    "</svg>\n",
  ].join("\n");
}

interface Span {
  text: string;
  colour?: string;
}

/** A line as rows of as many columns as there are, each of spans of one colour. */
function broken(line: string): Span[][] {
  const rows: Span[][] = [[]];
  let [column, colour]: [number, string | undefined] = [0, undefined];
  // Every second part is the number of a colour.
  // eslint-disable-next-line no-control-regex
  for (const [index, part] of line.split(/\u001b\[(\d+)m/).entries()) {
    if (index % 2 === 1) {
      colour = colours[part];
      continue;
    }
    for (const character of part) {
      if (column === columns) {
        rows.push([]);
        column = 0;
      }
      append(rows.at(-1)!, { text: character, colour });
      column++;
    }
  }
  return rows;
}

/** Adds to the last span of a row, or a span of another colour after it. */
function append(row: Span[], span: Span): void {
  const last = row.at(-1);
  if (last && last.colour === span.colour) last.text += span.text;
  else row.push(span);
}

function coloured({ text, colour }: Span): string {
  const escaped = escapeMarkup(text);
  return colour === undefined ? escaped : `<tspan fill="${colour}">${escaped}</tspan>`;
}
