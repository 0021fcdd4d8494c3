// Pulumi starts a policy pack with ts-node and its type check, which takes seconds. Types are checked separately here,
// so the pack's TypeScript is only transpiled, like the program's.
require.extensions[".ts"] = require("../transpile.cjs");
require("./index.ts");
