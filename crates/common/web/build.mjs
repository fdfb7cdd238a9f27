// Bundles the scripts and the look of both services into target/web, under hashed names listed in manifest.json.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { watch } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.resolve(here, "../../../target/web");
const modules = path.join(here, "node_modules");

/** Compiles Sass for esbuild, which then hashes the fonts the styles name. */
const sassPlugin = {
  name: "sass",
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, async ({ path: file }) => {
      const { css, loadedUrls } = await sass.compileAsync(file, {
        loadPaths: [path.dirname(file), modules],
        quietDeps: true,
        // Bootstrap 5.3 is written with the old module system.
        silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
      });
      return {
        contents: css,
        loader: "css",
        resolveDir: path.dirname(file),
        watchFiles: loadedUrls.map((url) => fileURLToPath(url)),
      };
    });
  },
};

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  legalComments: "none",
  metafile: true,
  write: false,
  outdir: target,
  entryNames: "[name].[hash]",
  chunkNames: "[name].[hash]",
  assetNames: "[name].[hash]",
  logLevel: "warning",
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
};

async function bundles() {
  return Promise.all([
    esbuild.build({
      ...shared,
      entryPoints: [
        "src/app.ts", "src/charts.ts", "src/gallery.ts", "src/client.ts", "src/photo.ts", "src/upload.ts", "src/share.ts", "src/desk.ts", "src/branding.ts",
      ],
      format: "esm",
      splitting: true,
    }),
    // A classic script: it must run before the first paint, and modules are deferred.
    esbuild.build({ ...shared, entryPoints: ["src/theme.ts"], format: "iife" }),
    esbuild.build({
      ...shared,
      entryPoints: ["styles/app.scss", "styles/styleguide.scss", "styles/branding.scss"],
      plugins: [sassPlugin],
      loader: { ".woff2": "file" },
    }),
  ]);
}

/** One file with every icon that icons.txt names, addressed as `icons.svg#name`. */
async function iconSprite() {
  const names = (await readFile(path.join(here, "src/icons.txt"), "utf8")).split(/\s+/).filter(Boolean);
  const symbols = await Promise.all(
    names.map(async (name) => {
      const svg = await readFile(path.join(modules, "bootstrap-icons/icons", `${name}.svg`), "utf8");
      const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
      return `<symbol id="${name}" viewBox="0 0 16 16">${inner}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

function hashed(name, contents) {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 10);
  const { name: stem, ext } = path.parse(name);
  return `${stem}.${hash}${ext}`;
}

/** Texts as they are sent, so that no answer waits until they are made small. */
async function compressed(name, contents) {
  if (!/\.(css|js|svg)$/.test(name)) return [];
  const bytes = Buffer.from(contents);
  const [brotli, zipped] = await Promise.all([
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    promisify(gzip)(bytes, { level: 9 }),
  ]);
  return [[`${name}.br`, brotli], [`${name}.gz`, zipped]];
}

async function buildAll() {
  const started = performance.now();
  const manifest = {};
  const files = new Map();
  for (const { outputFiles, metafile } of await bundles()) {
    for (const file of outputFiles) files.set(path.basename(file.path), file.contents);
    for (const [output, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
      const source = entryPoint ?? (output.endsWith(".woff2") ? Object.keys(inputs)[0] : undefined);
      if (!source) continue;
      const { name } = path.parse(source);
      manifest[`${name}${path.extname(output)}`] = path.basename(output);
    }
  }
  const plain = { "icons.svg": await iconSprite(), "favicon.svg": await readFile(path.join(here, "src/favicon.svg")) };
  for (const name of await readdir(path.join(here, "images"))) plain[name] = await readFile(path.join(here, "images", name));
  for (const [name, contents] of Object.entries(plain)) {
    manifest[name] = hashed(name, contents);
    files.set(manifest[name], contents);
  }
  const smaller = await Promise.all([...files].map(([name, contents]) => compressed(name, contents)));
  for (const [name, contents] of smaller.flat()) files.set(name, contents);
  await mkdir(target, { recursive: true });
  await Promise.all([...files].map(([name, contents]) => writeFile(path.join(target, name), contents)));
  const sorted = Object.fromEntries(Object.entries(manifest).sort());
  await writeFile(path.join(target, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);
  // Only after the manifest no longer names them: a running service reads this folder.
  const stale = (await readdir(target)).filter((name) => name !== "manifest.json" && !files.has(name));
  await Promise.all(stale.map((name) => rm(path.join(target, name), { recursive: true })));
  console.log(`web: ${files.size} files in ${Math.round(performance.now() - started)} ms`);
}

await buildAll();
if (process.argv.includes("--watch")) {
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => buildAll().catch((error) => console.error(error.message)), 80);
  };
  for (const folder of ["src", "styles", "images"]) watch(path.join(here, folder), { recursive: true }, again);
}
