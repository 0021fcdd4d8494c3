// Pulumi starts a policy pack with ts-node and its type check, which takes seconds; types are a check of
// their own here. So the pack's TypeScript is only transpiled, as the program's is.
require.extensions[".ts"] = require("../transpile.cjs");
require("./index.ts");
