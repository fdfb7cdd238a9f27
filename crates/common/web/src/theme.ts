/** Sets the colour theme before the first paint, so that no page flashes in the other one. */
const chosen = ((): string | null => {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // Storage may be forbidden; then the system decides.
  }
})();
const theme =
  chosen === "light" || chosen === "dark" ? chosen : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
document.documentElement.dataset["bsTheme"] = theme;
document.documentElement.dataset["theme"] = chosen ?? "auto";
document.documentElement.classList.add("js");
