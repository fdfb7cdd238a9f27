/** The page of one photo: arrow keys and a swipe lead to its neighbours. */
import { find } from "./dom";

const FAR_PX = 60;
const PICTURE = ".photo, .detail-picture";

const go = (way: "previous" | "next"): void => find<HTMLAnchorElement>(`[data-way="${way}"]`)?.click();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  // There the arrows move what is written or chosen.
  if ((event.target as Element).closest("input, textarea, select, [role=menu], dialog")) return;
  if (event.key === "ArrowLeft") go("previous");
  if (event.key === "ArrowRight") go("next");
});

let begun: Touch | null = null;
addEventListener(
  "touchstart",
  (event) => {
    const [touch, ...others] = event.touches;
    begun = touch && others.length === 0 && (event.target as Element).closest(PICTURE) ? touch : null;
  },
  { passive: true },
);
addEventListener(
  "touchend",
  (event) => {
    const ended = event.changedTouches[0];
    // Who has zoomed in moves the picture, not the page.
    if (!begun || !ended || (visualViewport?.scale ?? 1) > 1.01) return;
    const [across, down] = [ended.clientX - begun.clientX, ended.clientY - begun.clientY];
    if (Math.abs(across) > FAR_PX && Math.abs(across) > 2 * Math.abs(down)) go(across > 0 ? "previous" : "next");
  },
  { passive: true },
);
