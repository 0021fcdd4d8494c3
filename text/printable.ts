/**
 * A text from outside as it may reach a terminal, a CI log, Markdown or HTML: one line, without escape sequences,
 * control characters, and what turns the direction of writing or takes no room. What the place itself needs
 * escaped (HTML's `<`) is escaped there.
 */
export function printable(text: string): string {
  return text.replace(escapeSequences, "").replace(controls, " ").replace(invisible, "");
}

// ESC [ … letter, ESC ] … BEL or ESC \ (and their forms of one byte), and ESC with one other character.
const escapeSequences =
  // eslint-disable-next-line no-control-regex
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
const invisible =
  /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A value as an error shows it: as JSON, of one line, and short. */
export function shown(value: unknown): string {
  const text = printable(JSON.stringify(value) ?? "nothing");
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
