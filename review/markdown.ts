import { changesText, summary } from "./text";
import type { Review } from "./review";

/** A review as a comment on a pull request. */
export function reviewMarkdown(review: Review): string {
  const { ok, verdicts, stack } = review;
  const found = verdicts.filter(({ findings }) => findings.length > 0);
  const sections = [`### ${ok ? "✅" : "❌"} etcd review of \`${stack}\``, summary(review)];
  for (const { rule, description, findings } of found) {
    const lines = findings.map(({ kind, message }) => `- **${kind}**: ${escaped(message)}`);
    sections.push([`#### \`${rule}\``, escaped(description), "", ...lines].join("\n"));
  }
  if (review.changes) sections.push(`\`\`\`text\n${changesText(review.changes)}\n\`\`\``);
  const rows = verdicts.map(({ rule, result }) => `| ${result} | \`${rule}\` |`);
  const all = ["| result | rule |", "| --- | --- |", ...rows].join("\n");
  sections.push(`<details><summary>All ${verdicts.length} rules</summary>\n\n${all}\n\n</details>`);
  return `${sections.join("\n\n")}\n`;
}

/** Values of a stack are text, not markup. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#]/g, "\\$&");
}
