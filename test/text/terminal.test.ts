import { terminalPicture } from "../../text/terminal";

const texts = (picture: string) =>
  [...picture.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, text]) => text!);

test("a line is broken where a terminal breaks it, and nothing of it is lost", () => {
  const line = `${"a".repeat(120)}${"b".repeat(7)}`;
  expect(texts(terminalPicture("npm start", [line])).slice(1)).toEqual(["a".repeat(120), "b".repeat(7)]);
});

test("colours last until they are switched, over a break as well", () => {
  const line = `${"a".repeat(119)}\u001b[32mok\u001b[39m.`;
  expect(texts(terminalPicture("npm start", [line])).slice(1)).toEqual([
    `${"a".repeat(119)}<tspan fill="#7ee787">o</tspan>`,
    '<tspan fill="#7ee787">k</tspan>.',
  ]);
});

test("what is printed is text, never markup", () => {
  expect(texts(terminalPicture("npm start", ["<script>&"]))[1]).toBe("&lt;script&gt;&amp;");
});
