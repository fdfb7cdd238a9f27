// Has Lighthouse look at pages as a phone would (its mobile preset), weighs their scripts and styles, and holds all of
// it against the aims. What to look at comes as JSON on standard input.
import http from "node:http";
import * as launcher from "chrome-launcher";
import lighthouse from "lighthouse";
import { computeMedianRun } from "lighthouse/core/lib/median-run.js";

const LEAST_SCORE = 95;
const MOST_SHIFT = 0.02;
const MOST_KB = { script: 60, style: 40 };
const CATEGORIES = ["performance", "accessibility", "best-practices"];
const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"];
/** What Chromium says that it takes. */
const ENCODINGS = "gzip, deflate, br, zstd";

const faults = [];

/** Every script and style of a page, also those that it fetches only later, as they go over the wire. */
async function weigh({ url, cookies }) {
  const page = await fetchText(url, cookies);
  const weights = { page: page.bytes, script: 0, style: 0 };
  const waiting = [...page.text.matchAll(/<(?:script|link)[^>]*?(?:src|href)="([^"]+\.(?:js|css))"/g)].map((found) => found[1]);
  const seen = new Set();
  while (waiting.length > 0) {
    const address = new URL(waiting.pop(), url).href;
    if (seen.has(address)) continue;
    seen.add(address);
    const { bytes, text } = await fetchText(address);
    const isScript = address.endsWith(".js");
    weights[isScript ? "script" : "style"] += bytes;
    if (!isScript) continue;
    for (const [, name] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+\.js)"/g)) waiting.push(new URL(name, address).href);
  }
  return weights;
}

/** The size as sent, and the text. Names below `localhost` are this machine, whatever its resolver knows. */
async function fetchText(address, cookies) {
  const plain = await answer(address, cookies, "identity");
  const sent = await answer(address, cookies, ENCODINGS);
  return { bytes: sent.length, text: plain.toString() };
}

function answer(address, cookies, encodings) {
  const { hostname, host, port, pathname, search } = new URL(address);
  const known = hostname.endsWith(".localhost") ? "127.0.0.1" : hostname;
  const headers = {
    Host: host, Accept: "text/html,*/*", "Accept-Encoding": encodings, "User-Agent": "Mozilla/5.0 (Lighthouse)",
    ...(cookies ? { Cookie: cookies } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = http.get({ host: known, port, path: pathname + search, headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => {
        if (response.statusCode === 200) resolve(Buffer.concat(parts));
        else reject(new Error(`${address} answered ${response.statusCode}`));
      });
    });
    request.on("error", reject);
  });
}

async function look(chromium, page, runs) {
  const results = [];
  while (results.length < runs) results.push(await once(chromium, page));
  return results.length === 1 ? results[0] : computeMedianRun(results);
}

/** One run in a browser of its own. What Lighthouse itself calls a failed run is tried again, twice. */
async function once(chromium, page, attempts = 3) {
  const chrome = await launcher.launch({ chromePath: chromium, chromeFlags: FLAGS });
  const extraHeaders = page.cookies ? { Cookie: page.cookies } : {};
  const options = { port: chrome.port, onlyCategories: CATEGORIES, logLevel: "error", extraHeaders };
  const { lhr } = await lighthouse(page.url, options).finally(() => chrome.kill());
  if (lhr.runtimeError && attempts > 1) return once(chromium, page, attempts - 1);
  if (lhr.runtimeError) throw new Error(`${page.name}: ${lhr.runtimeError.message}`);
  if (lhr.finalDisplayedUrl !== page.url) throw new Error(`${page.name}: ended at ${lhr.finalDisplayedUrl}`);
  return lhr;
}

function judge(page, report, weights) {
  const scores = CATEGORIES.map((category) => Math.round(report.categories[category].score * 100));
  CATEGORIES.forEach((category, at) => {
    if (scores[at] < LEAST_SCORE) faults.push(`${page.name}: ${category} ${scores[at]}, at least ${LEAST_SCORE} is wanted`);
  });
  const shift = report.audits["cumulative-layout-shift"].numericValue;
  if (!(shift < MOST_SHIFT)) faults.push(`${page.name}: layout shift ${shift.toFixed(3)}, less than ${MOST_SHIFT} is wanted`);
  const heavy = (kind) => kilobytes(weights[kind]) > MOST_KB[kind];
  if (heavy("style")) faults.push(`${page.name}: styles of ${kilobytes(weights.style).toFixed(1)} kB, at most ${MOST_KB.style} are wanted`);
  if (page.client && heavy("script")) {
    faults.push(`${page.name}: scripts of ${kilobytes(weights.script).toFixed(1)} kB, at most ${MOST_KB.script} are wanted`);
  }
  if (page.pictures && !shows(report)) faults.push(`${page.name}: no picture was asked for, so it was not the page that was meant`);
  const seconds = (audit) => (report.audits[audit].numericValue / 1000).toFixed(2);
  return [
    page.name, ...scores, shift.toFixed(3), seconds("first-contentful-paint"), seconds("largest-contentful-paint"),
    Math.round(report.audits["total-blocking-time"].numericValue),
    ...["page", "script", "style"].map((kind) => kilobytes(weights[kind]).toFixed(1)),
  ];
}

const kilobytes = (bytes) => bytes / 1000;
const shows = (report) => report.audits["network-requests"].details.items.some(({ url }) => new URL(url).pathname.startsWith("/media/"));

/** What cost points, so that one knows where to begin. */
function losses(report) {
  const lost = new Set();
  for (const category of CATEGORIES) {
    for (const { id, weight } of report.categories[category].auditRefs) {
      const { score, title, displayValue = "" } = report.audits[id];
      if (weight > 0 && score !== null && score < 0.9) lost.add(`    ${title} ${displayValue}`.trimEnd());
    }
  }
  return [...lost];
}

const parts = [];
for await (const part of process.stdin) parts.push(part);
const { chromium, runs, pages } = JSON.parse(Buffer.concat(parts).toString());

console.log(`\nLighthouse, its mobile preset, the middle one of ${runs} runs a page; scripts with all that they fetch later, as sent\n`);
const heads = ["", "performance", "accessibility", "best practices", "shift", "first paint s", "largest s", "blocked ms", "HTML kB", "scripts kB", "styles kB"];
const rows = [];
const notes = [];
for (const page of pages) {
  const weights = await weigh(page);
  const report = await look(chromium, page, runs);
  rows.push(judge(page, report, weights));
  const lost = losses(report);
  if (lost.length > 0) notes.push(`  ${page.name} lost points by:`, ...lost);
}
console.log(`| ${heads.join(" | ")} |\n|${heads.map(() => "---").join("|")}|`);
for (const row of rows) console.log(`| ${row.join(" | ")} |`);
for (const note of ["", ...notes]) console.log(note);
if (faults.length > 0) {
  console.error(`\nNot met:\n  ${faults.join("\n  ")}`);
  process.exitCode = 1;
}
