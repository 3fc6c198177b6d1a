// Bundles what the pages load into ../static: names carry a hash of the content, so browsers may keep them for good.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static");
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { app: "app.js", charts: "charts/index.js", style: "style/index.css" },
  outdir: out,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  loader: { ".woff2": "file" },
  legalComments: "eof",
  metafile: true,
  logLevel: "warning",
});

const names = {};
for (const [path, made] of Object.entries(metafile.outputs)) {
  const name = path.split("/").pop();
  if (made.entryPoint) names[{ "app.js": "app", "charts/index.js": "charts", "style/index.css": "style" }[made.entryPoint]] = name;
  else if (name.endsWith(".woff2") && name.includes("inter-latin-wght")) names.font = name;
  if (!name.endsWith(".woff2")) compress(name, readFileSync(join(out, name)));
}

const mark = readFileSync(join(here, "mark.svg"));
names.mark = `mark-${createHash("sha256").update(mark).digest("hex").slice(0, 8).toUpperCase()}.svg`;
writeFileSync(join(out, names.mark), mark);
compress(names.mark, mark);
writeFileSync(join(out, "manifest.json"), JSON.stringify(names, null, 1));

function compress(name, content) {
  writeFileSync(join(out, `${name}.gz`), gzipSync(content, { level: 9 }));
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  writeFileSync(join(out, `${name}.br`), brotliCompressSync(content, quality));
}
