// Lets Node load TypeScript. It is transpiled only; types are a check of their own (npm run check:types). What was
// transpiled is kept beside the packages, by what it was made of: to load the transpiler takes longer than to read it.
const { Buffer } = require("node:buffer");
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { version } = require("@swc/core/package.json");
const sourceMapSupport = require("source-map-support");

const options = readFileSync(join(__dirname, ".swcrc"), "utf8");
const directory = join(__dirname, "node_modules", ".cache", "transpiled");
const transpiled = new Map();

module.exports = (module, filename) => {
  const source = readFileSync(filename, "utf8");
  const key = createHash("sha256").update([version, options, filename, source].join("\0")).digest("hex");
  const kept = join(directory, `${key}.js`);
  const code = read(kept) ?? keep(kept, transpile(source, filename));
  transpiled.set(filename, code);
  module._compile(code, filename);
};
require.extensions[".ts"] = module.exports;

function transpile(source, filename) {
  const { transformSync } = require("@swc/core");
  return transformSync(source, { ...JSON.parse(options), filename, swcrc: false, configFile: false }).code;
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Whole or not at all, as others read at the same time. */
function keep(file, code) {
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, code);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // So it is transpiled each time.
  }
  return code;
}

// So that errors name lines of the source; of our own alone, packages are shown as they run.
sourceMapSupport.install({
  overrideRetrieveSourceMap: true,
  retrieveSourceMap(file) {
    const [, map] =
      transpiled.get(file)?.match(/\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/) ?? [];
    return map === undefined ? null : { url: file, map: Buffer.from(map, "base64").toString() };
  },
});
