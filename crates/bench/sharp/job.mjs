// The same job as ours by sharp in its fastest form: one decode to raw pixels of the largest size, the rest from them.
// Reads lines `{"file", "keep"}`; answers each with `{"cpu", "peak"}`: seconds of this process and the most kilobytes
// of memory it ever had resident. With `keep`, a prefix of paths, the renditions are written.
import { open, readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import sharp from "sharp";

sharp.concurrency(1);
sharp.cache(false);

const INSIDE = { fit: "inside", withoutEnlargement: true };
const JPEG = { quality: 80, chromaSubsampling: "4:2:0", optimiseCoding: false };

/** Prepared once a size, as a service would: pixels of light stripes with an opacity of 0.4. */
const marks = new Map();

function mark({ width, height }) {
  const key = `${width}x${height}`;
  if (!marks.has(key)) {
    const pixels = Buffer.alloc(width * height * 4);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        // Premultiplied, which saves sharp a pass.
        if ((x + 2 * y) % 180 < 24 && x % 40 < 30) pixels.fill(102, 4 * (y * width + x), 4 * (y * width + x) + 4);
      }
    }
    marks.set(key, { input: pixels, raw: { width, height, channels: 4, premultiplied: true }, premultiplied: true });
  }
  return marks.get(key);
}

/** The segments with the colour profile, as they stand in the file. */
async function profileOf(path) {
  const file = await open(path);
  const head = Buffer.alloc(64 * 1024);
  await file.read(head, 0, head.length, 0);
  await file.close();
  const parts = [];
  for (let at = 2; at + 4 < head.length && head[at + 1] !== 0xda; at += 2 + head.readUInt16BE(at + 2)) {
    if (head[at + 1] === 0xe2) parts.push(head.subarray(at, at + 2 + head.readUInt16BE(at + 2)));
  }
  return Buffer.concat(parts);
}

async function render(path) {
  // The profile is carried over byte by byte: letting sharp keep it costs a conversion.
  const profile = await profileOf(path);
  const decoded = sharp(path, { ignoreIcc: true }).autoOrient().resize(2048, 2048, INSIDE).raw();
  const { data, info } = await decoded.toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const from = () => sharp(data, { raw });
  const files = {
    thumbnail: await from().resize(400, 400, INSIDE).jpeg(JPEG).toBuffer(),
    thumbnail_2x: await from().resize(800, 800, INSIDE).jpeg(JPEG).toBuffer(),
    preview: await from().jpeg(JPEG).toBuffer(),
    preview_marked: await from().composite([mark(raw)]).jpeg(JPEG).toBuffer(),
  };
  for (const [name, file] of Object.entries(files)) {
    files[name] = Buffer.concat([file.subarray(0, 2), profile, file.subarray(2)]);
  }
  return files;
}

async function peak() {
  return Number(/VmHWM:\s*(\d+) kB/.exec(await readFile("/proc/self/status", "utf8"))[1]);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { file, keep } = JSON.parse(line);
  const before = process.cpuUsage();
  const files = await render(file);
  const { user, system } = process.cpuUsage(before);
  if (keep) {
    for (const [name, bytes] of Object.entries(files)) await writeFile(`${keep}${name}.jpg`, bytes);
  }
  console.log(JSON.stringify({ cpu: (user + system) / 1e6, peak: await peak() }));
}
