/** The buttons above an open photo: what it was taken with, taking it away, playing, the whole screen. */
import type PhotoSwipe from "photoswipe";
import { find } from "../dom";
import { culls, worksHere } from "./cull";
import { icon, setIcon } from "./icon";
import { takesAway } from "./take_away";

const SECONDS = 4;

export type LinkOf = () => HTMLAnchorElement | undefined;

interface Tool {
  name: string;
  label: string;
  symbol: string;
  order: number;
  init: (button: HTMLElement) => void;
}

function add(pswp: PhotoSwipe, { name, label, symbol, order, init }: Tool): void {
  pswp.ui?.registerElement({
    name,
    order,
    isButton: true,
    className: `pswp__tool pswp__tool--${name}`,
    title: label,
    ariaLabel: label,
    onInit: (button) => {
      button.append(icon(symbol));
      init(button);
    },
  });
}

export function tools(pswp: PhotoSwipe, current: LinkOf, play: boolean): void {
  pswp.on("uiRegister", () => {
    facts(pswp, current);
    selects(pswp, current);
    culls(pswp, current);
    takesAway(current, (tool) => add(pswp, tool), pswp);
    slideshow(pswp, play);
    wholeScreen(pswp);
  });
}

/** Title and facts below the picture; the facts come when they are asked for, and stay for the next photo. */
function facts(pswp: PhotoSwipe, current: LinkOf): void {
  let told = false;
  let update = (): void => undefined;
  pswp.ui?.registerElement({
    name: "caption",
    appendTo: "root",
    order: 9,
    className: "pswp__caption",
    onInit: (element) => {
      element.setAttribute("aria-live", "polite");
      update = (): void => {
        const { caption = "", facts: lines = "" } = current()?.dataset ?? {};
        const words = [caption, ...(told ? lines.split("|") : [])].filter(Boolean);
        element.replaceChildren(
          ...words.map((text, at) => {
            const line = document.createElement("p");
            line.textContent = text;
            if (at > 0 || !caption) line.className = "pswp__fact";
            return line;
          }),
        );
      };
      pswp.on("change", update);
    },
  });
  if (!find(".tile-link[data-facts]")) return;
  add(pswp, {
    name: "facts",
    label: "Camera and exposure",
    symbol: "info-circle",
    order: 8,
    init: (button) => {
      button.setAttribute("aria-pressed", "false");
      pswp.on("change", () => (button.hidden = !current()?.dataset["facts"]));
      button.addEventListener("click", () => {
        told = !told;
        button.setAttribute("aria-pressed", String(told));
        update();
      });
    },
  });
}

/** Ticks the photo in the page below. */
function selects(pswp: PhotoSwipe, current: LinkOf): void {
  const box = (): HTMLInputElement | null =>
    find<HTMLInputElement>(".tile-check input", current()?.closest("[data-photo]") ?? document.createElement("i"));
  if (!find("[data-select-mode]") && !worksHere()) return;
  add(pswp, {
    name: "select",
    label: "Select this photo",
    symbol: "check2-circle",
    order: 8,
    init: (button) => {
      const show = (): void => button.setAttribute("aria-pressed", String(box()?.checked ?? false));
      pswp.on("change", show);
      button.addEventListener("click", () => {
        const chosen = box();
        if (!chosen) return;
        chosen.checked = !chosen.checked;
        chosen.dispatchEvent(new Event("change", { bubbles: true }));
        document.dispatchEvent(new Event("selection:refresh"));
        show();
      });
    },
  });
}

function slideshow(pswp: PhotoSwipe, play: boolean): void {
  let timer = 0;
  let lock: WakeLockSentinel | null = null;
  const isLast = (): boolean => pswp.currIndex >= pswp.getNumItems() - 1;
  add(pswp, {
    name: "play",
    label: "Slideshow",
    symbol: "play",
    order: 9,
    init: (button) => {
      const stop = (): void => {
        clearTimeout(timer);
        timer = 0;
        button.setAttribute("aria-pressed", "false");
        setIcon(button, "play");
        pswp.element?.classList.remove("is-playing");
        void lock?.release().catch(() => undefined);
        lock = null;
      };
      const step = (): void => {
        timer = window.setTimeout(() => {
          if (isLast()) return stop();
          pswp.next();
          step();
        }, SECONDS * 1000);
      };
      const start = (): void => {
        button.setAttribute("aria-pressed", "true");
        setIcon(button, "pause");
        pswp.element?.classList.add("is-playing");
        // A screen that goes dark would end it; where that can't be kept from happening, it happens.
        void navigator.wakeLock?.request("screen").then((held) => (lock = held)).catch(() => undefined);
        step();
      };
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => (timer ? stop() : start()));
      // Whoever takes over with a finger or a key goes on alone.
      pswp.on("pointerDown", () => timer && stop());
      pswp.on("keydown", ({ originalEvent: { key } }) => {
        if (timer && ["ArrowLeft", "ArrowRight"].includes(key)) stop();
      });
      pswp.on("close", stop);
      if (play) pswp.on("openingAnimationEnd", start);
    },
  });
}

function wholeScreen(pswp: PhotoSwipe): void {
  const root = document.documentElement;
  if (!document.fullscreenEnabled) return;
  add(pswp, {
    name: "screen",
    label: "Full screen",
    symbol: "fullscreen",
    order: 10,
    init: (button) => {
      const show = (): void => {
        const on = document.fullscreenElement !== null;
        button.setAttribute("aria-pressed", String(on));
        setIcon(button, on ? "fullscreen-exit" : "fullscreen");
      };
      show();
      document.addEventListener("fullscreenchange", show);
      button.addEventListener("click", () => {
        if (document.fullscreenElement) void document.exitFullscreen();
        else void root.requestFullscreen().catch(() => undefined);
      });
      pswp.on("destroy", () => {
        document.removeEventListener("fullscreenchange", show);
        if (document.fullscreenElement) void document.exitFullscreen();
      });
    },
  });
}
