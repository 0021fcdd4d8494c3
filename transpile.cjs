// Lets Node load TypeScript. It is transpiled only; types are a check of their own (npm run check:types).
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { transformSync } = require("@swc/core");
const sourceMapSupport = require("source-map-support");

const options = { ...JSON.parse(readFileSync(join(__dirname, ".swcrc"), "utf8")), sourceMaps: true };
const maps = new Map();

module.exports = (module, filename) => {
  const source = readFileSync(filename, "utf8");
  const { code, map } = transformSync(source, { ...options, filename, swcrc: false, configFile: false });
  maps.set(filename, { url: filename, map });
  module._compile(code, filename);
};
require.extensions[".ts"] = module.exports;

// So that errors name lines of the source; of our own alone, packages are shown as they run.
sourceMapSupport.install({
  overrideRetrieveSourceMap: true,
  retrieveSourceMap: (file) => maps.get(file) ?? null,
});
