import { X509Certificate } from "node:crypto";
import type { RecordedResource } from "../record/recording";
import { unknownValue } from "../record/values";
import type { Changes, ProgramChange } from "./changes";
import { escapeMarkup } from "../text/markup";
import { picture } from "../plan/picture";
import type { Review, Verdict } from "./review";
import { programLabel, summary } from "./text";

/** A review as one self-contained page, which loads nothing. */
export function reviewHtml(review: Review, resources: readonly RecordedResource[]): string {
  const { changes } = review;
  const sections = [
    `<p class="summary ${review.ok ? "ok" : "refused"}">${escapeMarkup(summary(review))}</p>`,
    section("Members", `<figure>${picture(resources)}</figure>`),
    changes ? section(`Changes against ${changes.base}`, changesHtml(changes)) : "",
    section("Verdicts", verdictsHtml(review.verdicts)),
    section("API server flags", flagsHtml(resources)),
    section("Certificates", certificatesHtml(resources)),
  ];
  const title = `etcd review of ${escapeMarkup(review.stack)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>${title}</h1>
${sections.filter(Boolean).join("\n")}
</body>
</html>
`;
}

const style = `
:root{color-scheme:light dark;--ink:#1d2733;--quiet:#5b6b7c;--line:#d5dce3;--ok:#1a7f4b;--bad:#b3261e;--warn:#8a5a00}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--quiet:#9aa8b6;--line:#33404d;--ok:#4cc38a;--bad:#ff8a80;--warn:#f0b429}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
th{color:var(--quiet);font-weight:600}
code,pre{font:13px/1.5 ui-monospace,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.6rem;border:1px solid var(--line);border-radius:6px}
figure{margin:0;overflow-x:auto}
svg{max-width:100%;height:auto}
.summary{font-size:1.1rem;font-weight:600}
.ok{color:var(--ok)}.refused{color:var(--bad)}.advised{color:var(--warn)}.undecided,.disabled{color:var(--quiet)}
td ul{margin:.3rem 0 0;padding-left:1.2rem}
small{color:var(--quiet)}
`;

function section(title: string, body: string): string {
  return `<section><h2>${escapeMarkup(title)}</h2>\n${body}</section>`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  return `<table>${line(head, "th")}${rows.map((row) => line(row, "td")).join("")}</table>`;
}

function verdictsHtml(verdicts: readonly Verdict[]): string {
  const order = ["refused", "advised", "undecided", "disabled", "ok"];
  const sorted = verdicts.toSorted((a, b) => order.indexOf(a.result) - order.indexOf(b.result));
  return table(
    ["Result", "Rule"],
    sorted.map(({ rule, description, result, findings }) => [
      `<span class="${result}">${result}</span>`,
      `<code>${rule}</code><br><small>${escapeMarkup(description)}</small>${list(findings.map(({ message }) => message))}`,
    ]),
  );
}

function list(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return `<ul>${lines.map((line) => `<li>${escapeMarkup(line)}</li>`).join("")}</ul>`;
}

function flagsHtml(resources: readonly RecordedResource[]): string {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const { flags = [] } = (stack?.outputs.apiServer ?? {}) as { flags?: string[] };
  return flags.length === 0 ? "<p>None declared.</p>" : `<pre>${escapeMarkup(flags.join("\n"))}</pre>`;
}

/** The stack's certificates, the first to expire first. */
function certificatesHtml(resources: readonly RecordedResource[]): string {
  const rows = resources.flatMap(({ type, name, outputs }) => {
    const pem = outputs.certPem;
    if (!/^tls:index\/\w+Cert:/.test(type) || typeof pem !== "string" || pem === unknownValue) return [];
    const { validTo, subject } = new X509Certificate(pem);
    return [{ name, subject: subject.replaceAll("\n", ", "), end: new Date(validTo) }];
  });
  if (rows.length === 0) return "<p>None declared.</p>";
  rows.sort((a, b) => a.end.getTime() - b.end.getTime() || a.name.localeCompare(b.name));
  return table(
    ["Certificate", "Subject", "Expires"],
    rows.map(({ name, subject, end }) => [name, subject, end.toISOString().slice(0, 10)].map(escapeMarkup)),
  );
}

function changesHtml(changes: Changes): string {
  const { settings, added, removed, replaced, changed, programs, roll } = changes;
  const rows = [
    ["Settings", settings],
    ["Added", added],
    ["Removed", removed],
    ["Replaced", replaced],
    ["Changed in place", changed],
    ["Programs of the machines", programs.map(programLabel)],
  ] as const;
  const shown = rows.filter(([, lines]) => lines.length > 0);
  if (shown.length === 0) return "<p>None.</p>";
  return `${table(
    ["What", "Which"],
    shown.map(([what, lines]) => [`${what} (${lines.length})`, list(lines)]),
  )}${programs.map(programHtml).join("")}${roll === undefined ? "" : `<p>${escapeMarkup(roll)}</p>`}`;
}

function programHtml(program: ProgramChange): string {
  const hunks = escapeMarkup(program.hunks.join("\n"));
  return `<details><summary>${escapeMarkup(programLabel(program))}</summary><pre>${hunks}</pre></details>`;
}
