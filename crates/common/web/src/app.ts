/** What every page does: colour theme, menus, flash messages, no form sent twice. */
import { all, find } from "./dom";

const root = document.documentElement;
const systemDark = matchMedia("(prefers-color-scheme: dark)");

function applyTheme(): void {
  const chosen = root.dataset["theme"] ?? "auto";
  root.dataset["bsTheme"] = chosen === "auto" ? (systemDark.matches ? "dark" : "light") : chosen;
}

function remember(chosen: string): void {
  try {
    if (chosen === "auto") localStorage.removeItem("theme");
    else localStorage.setItem("theme", chosen);
  } catch {
    // Storage may be forbidden; the choice then lasts for this page.
  }
}

function themeSwitch(): void {
  systemDark.addEventListener("change", applyTheme);
  for (const input of all<HTMLInputElement>("[data-theme-switch] input")) {
    input.checked = input.value === (root.dataset["theme"] ?? "auto");
    input.addEventListener("change", () => {
      root.dataset["theme"] = input.value;
      remember(input.value);
      applyTheme();
    });
  }
}

/** A `<details>` works as a menu by itself; this closes it the way people expect. */
function menus(): void {
  const open = (): HTMLDetailsElement[] => all<HTMLDetailsElement>("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}

function flashes(): void {
  for (const button of all("[data-dismiss]")) {
    button.addEventListener("click", () => {
      button.closest("[data-flash]")?.remove();
      document.getElementById("main")?.focus({ preventScroll: true });
    });
  }
}

function sendOnce(): void {
  const sent = new WeakSet<HTMLFormElement>();
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== "post") return;
    if (sent.has(form)) return event.preventDefault();
    sent.add(form);
    form.setAttribute("aria-busy", "true");
  });
  // Coming back by the back button brings the page back as it was left.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of all<HTMLFormElement>("form[aria-busy]")) {
      sent.delete(form);
      form.removeAttribute("aria-busy");
    }
  });
}

/** Ticks every box of a form, or none where all are ticked. */
function tickAll(): void {
  for (const button of all<HTMLButtonElement>("[data-tick-all]")) {
    button.addEventListener("click", () => {
      const boxes = all<HTMLInputElement>("input[type=checkbox]", button.form ?? document);
      const ticks = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = ticks;
      button.textContent = ticks ? "Select none" : "Select all";
    });
  }
}

themeSwitch();
menus();
tickAll();
flashes();
sendOnce();
if (find("[data-thumbhash]")) void import("./placeholders").then(({ blurPictures }) => blurPictures()).catch(() => undefined);
