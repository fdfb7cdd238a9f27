/** Draws charts from the tables below them, in the theme's colours, and fetches the figures again when they change. */
import {
  ArcElement,
  CategoryScale,
  Chart,
  type ChartConfiguration,
  DoughnutController,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from "chart.js";
import { all, find, reducedMotion } from "./dom";
import { blurPictures } from "./placeholders";

Chart.register(
  ArcElement, CategoryScale, DoughnutController, Filler, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip,
);

const GATHER_MS = 1_500; // What comes in a burst is fetched once.
const LOOK_AGAIN_MS = 60_000; // A proxy may swallow events without closing the stream.

interface Figures {
  columns: string[];
  labels: string[];
  values: number[][]; // one list a column
  texts: string[][];
}

const drawn = new Map<HTMLElement, Chart>();

function figures(chart: HTMLElement): Figures {
  const columns = all("thead th", chart).slice(1).map((cell) => cell.textContent ?? "");
  const rows = all("tbody tr", chart);
  const labels = rows.map((row) => find("th", row)?.textContent ?? "");
  const column = (index: number): HTMLElement[] => rows.map((row) => all("td", row)[index]).filter((cell) => cell !== undefined);
  const values = columns.map((_, index) => column(index).map((cell) => Number(cell.dataset["value"])));
  const texts = columns.map((_, index) => column(index).map((cell) => cell.textContent ?? ""));
  return { columns, labels, values, texts };
}

/** A colour of the theme as it is at this moment. */
const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const series = (index: number): string => token(`--chart-${(index % 8) + 1}`);

function line({ columns, labels, values }: Figures): ChartConfiguration<"line"> {
  return {
    type: "line",
    data: {
      labels,
      datasets: columns.map((label, index) => ({
        label,
        data: values[index] ?? [],
        borderColor: series(index),
        backgroundColor: index === 0 ? token("--chart-fill") : series(index),
        fill: index === 0,
        borderWidth: index === 0 ? 2.5 : 1.5,
        // Not told apart by colour alone.
        borderDash: [[], [6, 4], [2, 3]][index] ?? [],
        pointRadius: labels.length > 40 ? 0 : 2,
        pointHoverRadius: 5,
        pointBackgroundColor: series(index),
        tension: 0.3,
        cubicInterpolationMode: "monotone",
      })),
    },
    options: {
      interaction: { mode: "index", intersect: false },
      scales: {
        x: { grid: { display: false }, border: { color: token("--line") }, ticks: { color: token("--muted"), maxRotation: 0, autoSkipPadding: 24 } },
        y: { beginAtZero: true, suggestedMax: 4, grid: { color: token("--line") }, border: { display: false }, ticks: { color: token("--muted"), precision: 0, maxTicksLimit: 6 } },
      },
    },
  };
}

function doughnut({ labels, values, texts }: Figures): ChartConfiguration<"doughnut"> {
  return {
    type: "doughnut",
    data: {
      labels,
      datasets: [{ data: values[0] ?? [], backgroundColor: labels.map((_, index) => series(index)), borderColor: token("--page"), borderWidth: 2 }],
    },
    options: {
      cutout: "68%",
      plugins: { tooltip: { callbacks: { label: ({ dataIndex }) => ` ${texts[0]?.[dataIndex] ?? ""}` } } },
    },
  };
}

function draw(chart: HTMLElement): void {
  const canvas = find<HTMLCanvasElement>("[data-chart-canvas]", chart);
  if (!canvas) return;
  drawn.get(chart)?.destroy();
  const found = figures(chart);
  const config = (chart.dataset["chart"] === "doughnut" ? doughnut(found) : line(found)) as ChartConfiguration;
  const plugins = config.options?.plugins ?? {};
  config.options = {
    ...config.options,
    responsive: true,
    maintainAspectRatio: false,
    animation: reducedMotion() || drawn.has(chart) ? false : { duration: 400 },
    plugins: {
      ...plugins,
      legend: { position: "bottom", labels: { color: token("--text"), boxWidth: 12, boxHeight: 12, padding: 16 } },
      tooltip: { ...plugins.tooltip, backgroundColor: token("--ink"), titleColor: token("--on-ink"), bodyColor: token("--on-ink"), padding: 10 },
    },
  };
  drawn.set(chart, new Chart(canvas, config));
}

function drawAll(): void {
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
  for (const [chart, picture] of drawn) {
    if (chart.isConnected) continue;
    picture.destroy();
    drawn.delete(chart);
  }
  for (const chart of all("[data-chart]")) draw(chart);
}

/** Without scripts the tables are open; with one the picture stands for them until somebody wants the figures. */
function foldTables(within: ParentNode = document): void {
  for (const data of all<HTMLDetailsElement>("[data-chart-data]", within)) {
    data.open = false;
    data.dataset["ready"] = "";
  }
}

async function refresh(): Promise<void> {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of all("[data-refresh]")) {
    const fresh = page.getElementById(old.id);
    // What somebody is at is left alone.
    if (!fresh || old.contains(document.activeElement)) continue;
    const open = find<HTMLDetailsElement>("[data-chart-data]", old)?.open ?? false;
    const replacement = document.importNode(fresh, true);
    foldTables(replacement);
    const data = find<HTMLDetailsElement>("[data-chart-data]", replacement);
    if (data) data.open = open;
    const was = find("[data-chart]", old);
    old.replaceWith(replacement);
    const now = find("[data-chart]", replacement);
    const picture = was && drawn.get(was);
    if (was && now && picture) {
      picture.destroy();
      drawn.delete(was);
    }
    blurPictures(replacement);
  }
  drawAll();
}

let timer = 0;
let stream: EventSource | null = null;

function soon(): void {
  if (timer !== 0 || document.hidden) return;
  timer = window.setTimeout(() => {
    timer = 0;
    void refresh().catch(() => undefined);
  }, GATHER_MS);
}

function listen(): void {
  stream = new EventSource("/events");
  for (const kind of ["statistics", "photo", "resync"]) stream.addEventListener(kind, soon);
}

foldTables();
drawAll();
new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
if (find("[data-figures]")) {
  listen();
  window.setInterval(soon, LOOK_AGAIN_MS);
  window.addEventListener("pagehide", () => stream?.close());
  window.addEventListener("pageshow", (event) => event.persisted && (listen(), soon()));
  document.addEventListener("visibilitychange", () => !document.hidden && soon());
}
